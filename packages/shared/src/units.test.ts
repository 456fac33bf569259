import { pollDelay } from "@visgate/providers";
import { describe, expect, test } from "vitest";
import { exponential, jitter, microToUsd } from "./units.js";

const RHYTHM = { minMs: 500, maxMs: 5000, maxPerSecond: 100 };
const ALONE = { ageMs: 0, awaitsWebhook: false, usualMs: 90_000, inFlight: 1, random: 0.5 };

describe("backoff", () => {
  test("jitter stays within its share of the delay, and reaches both limits", () => {
    expect(jitter(1000, 0)).toBe(900);
    expect(jitter(1000, 0.5)).toBe(1000);
    expect(jitter(1000, 0.999_999)).toBe(1100);
    expect(jitter(1000, 0, 0.25)).toBe(750);
    expect(jitter(1000, 0.999_999, 0.25)).toBe(1250);
  });

  test("exponential doubles after each attempt, up to the maximum", () => {
    expect([1, 2, 3, 4, 7, 8, 1000].map((attempt) => exponential(attempt, 1000, 60_000))).toEqual([
      1000, 2000, 4000, 8000, 60_000, 60_000, 60_000,
    ]);
    expect(exponential(0, 1000, 60_000)).toBe(1000);
  });
});

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
    expect(pollDelay(RHYTHM, { ...ALONE, ageMs, awaitsWebhook: true })).toBe(waits);
  });

  test.each([
    { usualMs: 2000, waits: 5000 },
    { usualMs: 12_000, waits: 12_000 },
    { usualMs: 90_000, waits: 30_000 },
  ])("a job with a webhook that usually takes $usualMs ms is polled first after $waits ms", ({ usualMs, waits }) => {
    expect(pollDelay(RHYTHM, { ...ALONE, awaitsWebhook: true, usualMs })).toBe(waits);
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

test("microToUsd: USD with six decimals", () => {
  expect(microToUsd(2_400_000)).toBe(2.4);
  expect(microToUsd(1)).toBe(0.000_001);
  expect(microToUsd(3000)).toBe(0.003);
  expect(microToUsd(0.4)).toBe(0);
});
