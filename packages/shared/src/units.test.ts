import { describe, expect, test } from "vitest";
import { exponential, jitter, microToUsd } from "./units.js";

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

test("microToUsd: USD with six decimals", () => {
  expect(microToUsd(2_400_000)).toBe(2.4);
  expect(microToUsd(1)).toBe(0.000_001);
  expect(microToUsd(3000)).toBe(0.003);
  expect(microToUsd(0.4)).toBe(0);
});
