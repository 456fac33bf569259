/** Time, money and delays: the units that every room speaks in. */

/** Time as an argument: production passes `systemClock`, tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Money is integer micro-USD inside and USD with six decimals outside. */
export function microToUsd(micro: number): number {
  return Math.round(micro) / 1e6;
}

/** `Retry-After` (RFC 9110), whole seconds or a date: milliseconds from `now`, never negative; null when it is neither. */
export function parseRetryAfter(text: string | null, now: number): number | null {
  if (text === null || text.trim() === "") return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(ms, 0) : null;
}

/** Adds up to `share` of jitter either way, so that many sleepers do not wake together. */
export function jitter(delayMs: number, random: number, share = 0.1): number {
  return Math.round(delayMs * (1 - share + 2 * share * random));
}

/** Exponential back-off: `baseMs` for the first attempt (1-based), doubled per attempt, capped. */
export function exponential(attempt: number, baseMs: number, maxMs: number): number {
  return Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt - 1));
}
