/** Time, money and delays. */

/** Time as an argument: production passes `systemClock`, tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Money is integer micro-USD internally and USD with six decimals in answers. */
export function microToUsd(micro: number): number {
  return Math.round(micro) / 1e6;
}

/** `Retry-After` (RFC 9110, seconds or a date) in milliseconds from `now`, never negative; null when not valid. */
export function parseRetryAfter(text: string | null, now: number): number | null {
  if (text === null || text.trim() === "") return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(ms, 0) : null;
}

/** Adds or takes away up to `share` of the delay, so that many sleeping jobs do not wake at the same moment. */
export function jitter(delayMs: number, random: number, share = 0.1): number {
  return Math.round(delayMs * (1 - share + 2 * share * random));
}

/** Exponential backoff: `baseMs` after the first attempt (1-based), doubled per attempt, at most `maxMs`. */
export function exponential(attempt: number, baseMs: number, maxMs: number): number {
  return Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt - 1));
}
