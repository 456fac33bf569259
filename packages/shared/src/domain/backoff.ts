/** How long to wait before looking again. Pure: randomness is an argument in [0, 1). */

/** Adds up to `share` of jitter either way, so that many sleepers do not wake together. */
export function jitter(delayMs: number, random: number, share = 0.1): number {
  return Math.round(delayMs * (1 - share + 2 * share * random));
}

/** Exponential back-off: `baseMs` for the first attempt (1-based), doubled per attempt, capped. */
export function exponential(attempt: number, baseMs: number, maxMs: number): number {
  return Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt - 1));
}

export interface PollRhythm {
  minMs: number;
  maxMs: number;
}

/** Poll young renders often and old ones rarely: a tenth of the age, within the provider's rhythm. */
export function pollDelay(ageMs: number, rhythm: PollRhythm): number {
  return Math.min(rhythm.maxMs, Math.max(rhythm.minMs, ageMs / 10));
}
