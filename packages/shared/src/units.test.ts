import { pollDelay } from "@visgate/providers";
import { describe, expect, test } from "vitest";
import { mapDuration } from "./catalogue/variant.js";
import { exponential, jitter, microToUsd } from "./units.js";

const RHYTHM = { minMs: 500, maxMs: 5000, maxPerSecond: 100 };
const ALONE = { ageMs: 0, awaitsWebhook: false, usualMs: 90_000, inFlight: 1, random: 0.5 };

describe("mapDuration", () => {
  const veo = [4, 6, 8];
  const kling = [5, 10];
  const gen4 = [2, 3, 4, 5, 6, 7, 8, 9, 10];

  test.each([
    { model: "veo", asked: 5, allowed: veo, gets: 6 },
    { model: "kling", asked: 5, allowed: kling, gets: 5 },
    { model: "gen4.5", asked: 5, allowed: gen4, gets: 5 },
    { model: "gen4.5", asked: 5.5, allowed: gen4, gets: 6 },
    // the edges
    { model: "veo", asked: 0.1, allowed: veo, gets: 4 },
    { model: "veo", asked: 4, allowed: veo, gets: 4 },
    { model: "veo", asked: 4.005, allowed: veo, gets: 4 },
    { model: "veo", asked: 4.02, allowed: veo, gets: 6 },
    { model: "veo", asked: 8.01, allowed: veo, gets: 8 },
    { model: "veo", asked: 8.02, allowed: veo, gets: null },
    { model: "veo", asked: 9, allowed: veo, gets: null },
    { model: "kling", asked: 5.5, allowed: kling, gets: 10 },
    { model: "unsorted", asked: 5, allowed: [10, 5, 8], gets: 5 },
    { model: "none", asked: 5, allowed: [], gets: null },
  ])("$model: $asked s becomes $gets", ({ asked, allowed, gets }) => {
    expect(mapDuration(asked, allowed)).toBe(gets);
  });
});

describe("backoff", () => {
  test("jitter stays within its share, and reaches both ends", () => {
    expect(jitter(1000, 0)).toBe(900);
    expect(jitter(1000, 0.5)).toBe(1000);
    expect(jitter(1000, 0.999_999)).toBe(1100);
    expect(jitter(1000, 0, 0.25)).toBe(750);
    expect(jitter(1000, 0.999_999, 0.25)).toBe(1250);
  });

  test("exponential doubles from the first attempt on, up to its cap", () => {
    expect([1, 2, 3, 4, 7, 8, 1000].map((attempt) => exponential(attempt, 1000, 60_000))).toEqual([
      1000, 2000, 4000, 8000, 60_000, 60_000, 60_000,
    ]);
    expect(exponential(0, 1000, 60_000)).toBe(1000);
  });

  test.each([
    { ageMs: 0, waits: 500 },
    { ageMs: 5000, waits: 500 },
    { ageMs: 20_000, waits: 2000 },
    { ageMs: 50_000, waits: 5000 },
    { ageMs: 3_600_000, waits: 5000 },
    { ageMs: -10_000, waits: 500 },
  ])("a render $ageMs ms old is looked at again after $waits ms", ({ ageMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs })).toBe(waits);
  });

  test.each([
    { ageMs: 0, waits: 30_000 },
    { ageMs: 600_000, waits: 60_000 },
    { ageMs: 3_600_000, waits: 120_000 },
  ])("one whose end is reported, $ageMs ms old, only after $waits ms", ({ ageMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs, awaitsWebhook: true })).toBe(waits);
  });

  test.each([
    { usualMs: 2000, waits: 5000 },
    { usualMs: 12_000, waits: 12_000 },
    { usualMs: 90_000, waits: 30_000 },
  ])("one whose end is reported and that usually takes $usualMs ms, first after $waits ms", ({ usualMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, awaitsWebhook: true, usualMs })).toBe(waits);
  });

  test.each([
    { inFlight: 10, waits: 500 },
    { inFlight: 100, waits: 1000 },
    { inFlight: 10_000, waits: 100_000 },
  ])(
    "with $inFlight in flight the provider's limit holds: each is looked at after $waits ms",
    ({ inFlight, waits }) => {
      expect(pollDelay(RHYTHM, { ...ALONE, inFlight })).toBe(waits);
    },
  );

  test("never sooner than the rhythm allows, whatever the jitter", () => {
    expect(pollDelay(RHYTHM, { ...ALONE, random: 0 })).toBe(500);
    expect(pollDelay(RHYTHM, { ...ALONE, random: 0.999 })).toBe(550);
  });
});

test("money is micro-USD inside and USD outside, to six places", () => {
  expect(microToUsd(2_400_000)).toBe(2.4);
  expect(microToUsd(1)).toBe(0.000_001);
  expect(microToUsd(3000)).toBe(0.003);
  expect(microToUsd(0.4)).toBe(0);
});
