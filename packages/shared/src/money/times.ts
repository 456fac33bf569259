/** Times in buckets, so that percentiles need no list of all times. Neighbouring buckets differ by 5 %. */

const RATIO = Math.log(1.05);

export const timeBucket = (ms: number): number => Math.round(Math.log(Math.max(1, ms)) / RATIO);

const timeOf = (bucket: number): number => Math.round(Math.exp(bucket * RATIO));

/** The time (ms) that `share` of all times do not exceed, to about 3 %; null without any. `counts`: by bucket. */
export function percentileOf(counts: ReadonlyMap<number, number>, share: number): number | null {
  const sorted = [...counts].sort(([one], [other]) => one - other);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of sorted) {
    seen += count;
    if (seen >= share * total) return timeOf(bucket);
  }
  return null;
}
