/** When to look at a provider again. Pure: randomness is an argument in [0, 1). */
import { jitter } from "@visgate/shared/units";

/** How often a provider is asked about one job, and at most about all of them together. */
export interface PollRhythm {
  minMs: number;
  maxMs: number;
  maxPerSecond: number;
}

/**
 * Between looks at a job whose end the provider reports by itself: only for reports that got lost. After the time such a
 * render usually takes, within these bounds, and then ever more rarely.
 */
export const SAFETY_NET = { minMs: 5000, firstMaxMs: 30_000, maxMs: 120_000 };

export interface PollSituation {
  /** Since the provider took the job. */
  ageMs: number;
  /** The provider was told where to report the end. */
  awaitsWebhook: boolean;
  /** How long such a render usually takes. */
  usualMs: number;
  /** Jobs that sleep between two looks at this provider, all workers together. */
  inFlight: number;
  random: number;
}

/**
 * Young renders are looked at often and old ones rarely, at a tenth of their age; the more are in flight, the more
 * rarely each of them, so that the provider's limit holds. Never sooner than the rhythm's minimum.
 */
export function pollDelay(rhythm: PollRhythm, situation: PollSituation): number {
  const { ageMs, awaitsWebhook, usualMs, inFlight, random } = situation;
  const { minMs, maxMs } = awaitsWebhook ? safetyNet(usualMs) : rhythm;
  const byAge = Math.min(maxMs, Math.max(minMs, ageMs / 10));
  const byLoad = (inFlight / rhythm.maxPerSecond) * 1000;
  return Math.max(rhythm.minMs, jitter(Math.max(byAge, byLoad), random));
}

function safetyNet(usualMs: number) {
  const { minMs, firstMaxMs, maxMs } = SAFETY_NET;
  return { minMs: Math.min(firstMaxMs, Math.max(minMs, usualMs)), maxMs };
}
