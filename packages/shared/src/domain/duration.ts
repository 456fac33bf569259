/** Maps the generic `duration_seconds` to what a model allows. */

const TOLERANCE_SECONDS = 0.01;

/** The smallest allowed duration that is not shorter than asked, or null above the longest one. Seconds. */
export function mapDuration(requestedSeconds: number, allowedSeconds: readonly number[]): number | null {
  const fitting = allowedSeconds.filter((seconds) => seconds >= requestedSeconds - TOLERANCE_SECONDS);
  return fitting.length === 0 ? null : Math.min(...fitting);
}
