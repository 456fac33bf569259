import { afterEach, expect, test } from "vitest";
import { createRedisClock, type RedisClock } from "./redis-clock.js";

const REDIS_EPOCH_MS = 1_800_000_000_000;
let clock: RedisClock;
afterEach(() => clock.close());

/** A local clock that the test moves, and a Redis whose answers take some time. */
function start(wayMs: { there: number; back: number }) {
  let localMs = 5000;
  let redisMs = REDIS_EPOCH_MS;
  const pass = (ms: number) => {
    localMs += ms;
    redisMs += ms;
  };
  const redis = {
    status: "ready",
    async time() {
      pass(wayMs.there);
      const time = [Math.floor(redisMs / 1000), (redisMs % 1000) * 1000];
      pass(wayMs.back);
      return time;
    },
  };
  clock = createRedisClock(redis as never, () => localMs);
  return { pass, set: (ms: number) => (redisMs += ms), redisNow: () => redisMs, wayMs };
}

test("redis clock: unknown until measured, then behind Redis by at most a round trip and never ahead", async () => {
  const bench = start({ there: 40, back: 60 });
  expect(clock.now()).toBeNull();
  await clock.measure();
  for (const ms of [0, 1000, 100_000]) {
    bench.pass(ms);
    const behindMs = bench.redisNow() - (clock.now() ?? 0);
    expect(behindMs).toBeGreaterThanOrEqual(0);
    expect(behindMs).toBeLessThanOrEqual(100);
  }
});

test("redis clock: a slow answer does not replace a better measurement", async () => {
  const bench = start({ there: 1, back: 1 });
  await clock.measure();
  bench.wayMs.back = 3000;
  await clock.measure();
  expect(bench.redisNow() - (clock.now() ?? 0)).toBeLessThanOrEqual(2);
});

test("redis clock: follows a changed clock of Redis after a measurement or a correction", async () => {
  const bench = start({ there: 1, back: 1 });
  await clock.measure();
  bench.set(-60_000);
  await clock.measure();
  expect(Math.abs(bench.redisNow() - (clock.now() ?? 0))).toBeLessThanOrEqual(2);
  bench.set(60_000);
  clock.correct(bench.redisNow());
  expect(clock.now()).toBe(bench.redisNow());
});
