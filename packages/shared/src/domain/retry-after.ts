/** `Retry-After` (RFC 9110): whole seconds or a date. */

/** Milliseconds from `now`, never negative; null when the text is neither. */
export function parseRetryAfter(text: string | null, now: number): number | null {
  if (text === null || text.trim() === "") return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(ms, 0) : null;
}
