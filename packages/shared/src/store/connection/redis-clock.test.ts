import { afterEach, expect, test } from "vitest";
import { createRedisClock, type RedisClock } from "./redis-clock.js";

const REDIS_EPOCH_MS = 1_800_000_000_000;
let clock: RedisClock;
afterEach(() => clock.close());

/** A local clock that the test moves, and a Redis whose answers take some time on their way. */
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
      const told = [Math.floor(redisMs / 1000), (redisMs % 1000) * 1000];
      pass(wayMs.back);
      return told;
    },
  };
  clock = createRedisClock(redis as never, () => localMs);
  return { pass, set: (ms: number) => (redisMs += ms), redisNow: () => redisMs, wayMs };
}

test("is not known before it is measured; then it is never ahead of Redis, and behind by no more than a round trip", async () => {
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

test("an answer that took long is not believed once a better one is known", async () => {
  const bench = start({ there: 1, back: 1 });
  await clock.measure();
  bench.wayMs.back = 3000;
  await clock.measure();
  expect(bench.redisNow() - (clock.now() ?? 0)).toBeLessThanOrEqual(2);
});

test("a clock of Redis that was set is known again when it is measured, or told", async () => {
  const bench = start({ there: 1, back: 1 });
  await clock.measure();
  bench.set(-60_000);
  await clock.measure();
  expect(Math.abs(bench.redisNow() - (clock.now() ?? 0))).toBeLessThanOrEqual(2);
  bench.set(60_000);
  clock.correct(bench.redisNow());
  expect(clock.now()).toBe(bench.redisNow());
});
