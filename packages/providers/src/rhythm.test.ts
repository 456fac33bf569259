import { describe, expect, test } from "vitest";
import { pollDelay } from "./rhythm.js";

const RHYTHM = { minMs: 500, maxMs: 5000, maxPerSecond: 100 };
const ALONE = { ageMs: 0, awaitsReport: false, usualMs: 90_000, inFlight: 1, random: 0.5 };

describe("pollDelay", () => {
  test.each([
    { ageMs: 0, waits: 500 },
    { ageMs: 5000, waits: 500 },
    { ageMs: 20_000, waits: 2000 },
    { ageMs: 50_000, waits: 5000 },
    { ageMs: 3_600_000, waits: 5000 },
    { ageMs: -10_000, waits: 500 },
  ])("a job that is $ageMs ms old is polled after $waits ms", ({ ageMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs })).toBe(waits);
  });

  test.each([
    { ageMs: 0, waits: 30_000 },
    { ageMs: 600_000, waits: 60_000 },
    { ageMs: 3_600_000, waits: 120_000 },
  ])("a job with a webhook that is $ageMs ms old is polled after $waits ms", ({ ageMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs, awaitsReport: true })).toBe(waits);
  });

  test.each([
    { usualMs: 2000, waits: 5000 },
    { usualMs: 12_000, waits: 12_000 },
    { usualMs: 90_000, waits: 30_000 },
  ])("a job with a webhook that usually takes $usualMs ms is polled first after $waits ms", ({ usualMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, awaitsReport: true, usualMs })).toBe(waits);
  });

  test.each([
    { inFlight: 10, waits: 500 },
    { inFlight: 100, waits: 1000 },
    { inFlight: 10_000, waits: 100_000 },
  ])(
    "with $inFlight jobs in flight each is polled after $waits ms, within the provider's limit",
    ({ inFlight, waits }) => {
      expect(pollDelay(RHYTHM, { ...ALONE, inFlight })).toBe(waits);
    },
  );

  test("jitter never makes a poll earlier than the minimum", () => {
    expect(pollDelay(RHYTHM, { ...ALONE, random: 0 })).toBe(500);
    expect(pollDelay(RHYTHM, { ...ALONE, random: 0.999 })).toBe(550);
  });
});
