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
  load: PollLoad;
  random: number;
}

/** The jobs of one provider, of all workers. */
export interface PollLoad {
  /** How many sleep between two polls. */
  inFlight: number;
  /** How many of them will be polled within `soonMs`. Young jobs that are left in peace are not among them. */
  dueSoon: number;
}

export const IDLE: PollLoad = { inFlight: 0, dueSoon: 0 };

/** Jitter makes an interval so much longer at most. */
const JITTER = 0.1;

/**
 * The interval is a tenth of the job's age, so that old jobs are polled less often. It grows with the number of jobs, so
 * that all together stay within `maxPerSecond`; then jobs are left in peace until half of their usual time has passed.
 * It is never shorter than `minMs` of the rhythm.
 */
export function pollDelay(rhythm: PollRhythm, situation: PollSituation): number {
  const { ageMs, awaitsReport, usualMs, load, random } = situation;
  const { minMs, maxMs } = awaitsReport ? safetyNet(usualMs) : rhythm;
  const byAge = Math.min(maxMs, Math.max(minMs, ageMs / 10));
  const byLoad = loadMs(rhythm, awaitsReport ? load.inFlight : load.dueSoon);
  const peace = !awaitsReport && byLoad > maxMs ? usualMs / 2 - ageMs : 0;
  return Math.max(rhythm.minMs, jitter(Math.max(byAge, byLoad, peace), random, JITTER));
}

/** Whatever is polled in turns will be polled again within this time. `before`: the load when the time was last needed. */
export function soonMs(rhythm: PollRhythm, before: PollLoad): number {
  return Math.max(rhythm.maxMs, loadMs(rhythm, before.dueSoon)) * (1 + JITTER);
}

const loadMs = ({ maxPerSecond }: PollRhythm, jobs: number) => (jobs / maxPerSecond) * 1000;

function safetyNet(usualMs: number) {
  const { minMs, firstMaxMs, maxMs } = SAFETY_NET;
  return { minMs: Math.min(firstMaxMs, Math.max(minMs, usualMs)), maxMs };
}
