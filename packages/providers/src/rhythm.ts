/** When to poll a provider again. Pure: randomness is an argument in [0, 1). */
import { jitter } from "@visgate/shared/units";

/** The interval between polls of one job, and the most polls per second for all jobs of the provider. */
export interface PollRhythm {
  minMs: number;
  maxMs: number;
  maxPerSecond: number;
}

/**
 * The intervals between polls of a job whose end the provider reports. These polls are needed only when a report is
 * lost. The first one comes after the usual time of such a render, up to `firstMaxMs`; later intervals grow to `maxMs`.
 */
export const SAFETY_NET = { minMs: 5000, firstMaxMs: 30_000, maxMs: 120_000 };

export interface PollSituation {
  /** The time since the provider accepted the job. */
  ageMs: number;
  /** Whether the submit contained a webhook URL for the report. */
  awaitsReport: boolean;
  /** The usual time of such a render. */
  usualMs: number;
  /** How many jobs of all workers sleep between two polls of this provider. */
  inFlight: number;
  random: number;
}

/**
 * The interval is a tenth of the job's age, so that old jobs are polled less often. It grows with the number of jobs in
 * flight, so that all together stay within `maxPerSecond`. It is never shorter than `minMs` of the rhythm.
 */
export function pollDelay(rhythm: PollRhythm, situation: PollSituation): number {
  const { ageMs, awaitsReport, usualMs, inFlight, random } = situation;
  const { minMs, maxMs } = awaitsReport ? safetyNet(usualMs) : rhythm;
  const byAge = Math.min(maxMs, Math.max(minMs, ageMs / 10));
  const byLoad = (inFlight / rhythm.maxPerSecond) * 1000;
  return Math.max(rhythm.minMs, jitter(Math.max(byAge, byLoad), random));
}

function safetyNet(usualMs: number) {
  const { minMs, firstMaxMs, maxMs } = SAFETY_NET;
  return { minMs: Math.min(firstMaxMs, Math.max(minMs, usualMs)), maxMs };
}
