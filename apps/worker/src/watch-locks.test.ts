import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLockWatch, type LockWatch } from "./watch-locks.js";

const LOCK_MS = 10_000;
let watch: LockWatch;
let silences: number[];
beforeEach(() => {
  vi.useFakeTimers();
  silences = [];
  const monotonicNow = () => performance.now();
  watch = createLockWatch({ lockDurationMs: LOCK_MS, monotonicNow, onSilence: (ms) => silences.push(ms) });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});
const pass = (ms: number) => vi.advanceTimersByTime(ms);

describe("the lock watch", () => {
  test("reports work without a renewal before its lock can be lost", () => {
    watch.enter();
    pass(6_900);
    expect(silences).toEqual([]);
    pass(1_100);
    expect(silences).toHaveLength(1);
    expect(silences[0]).toBeGreaterThanOrEqual(7_000);
    expect(silences[0]).toBeLessThan(LOCK_MS);
  });

  test("says it once, and again for work that began later", () => {
    watch.enter();
    pass(60_000);
    expect(silences).toHaveLength(1);
    watch.enter();
    pass(8_000);
    expect(silences).toHaveLength(2);
  });

  test("a renewal starts the time anew", () => {
    watch.enter();
    for (let round = 0; round < 10; round += 1) {
      pass(5_000);
      watch.renewed();
    }
    expect(silences).toEqual([]);
    pass(8_000);
    expect(silences).toHaveLength(1);
  });

  test("an idle worker, whose locks nobody renews, is no silence; nor is new work after it", () => {
    pass(100_000);
    watch.enter();
    pass(6_900);
    expect(silences).toEqual([]);
  });

  test("work that ended is not watched any more; the rest is", () => {
    const leaveFirst = watch.enter();
    pass(5_000);
    const leaveSecond = watch.enter();
    leaveFirst();
    pass(3_000);
    expect(silences).toEqual([]);
    pass(5_000);
    expect(silences).toHaveLength(1);
    leaveSecond();
  });

  test("short work one after another is never a silence, though no lock is renewed in between", () => {
    for (let round = 0; round < 50; round += 1) {
      const leave = watch.enter();
      pass(1_000);
      leave();
    }
    expect(silences).toEqual([]);
  });

  test("closed, it is silent", () => {
    watch.enter();
    watch.close();
    pass(60_000);
    expect(silences).toEqual([]);
  });
});
