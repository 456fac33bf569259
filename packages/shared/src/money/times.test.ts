import { expect, test } from "vitest";
import { percentileOf, timeBucket } from "./times.js";

test.each([0.5, 0.9])("percentileOf %d: is within 3 % of the exact one", (share) => {
  const times = Array.from({ length: 1000 }, (_, index) => 1000 + index * index);
  const counts = new Map<number, number>();
  for (const time of times) counts.set(timeBucket(time), (counts.get(timeBucket(time)) ?? 0) + 1);
  const exact = times[Math.ceil(share * times.length) - 1] ?? 0;
  expect(Math.abs((percentileOf(counts, share) ?? 0) / exact - 1)).toBeLessThan(0.03);
});

test("percentileOf without any time is null", () => {
  expect(percentileOf(new Map(), 0.5)).toBeNull();
});
