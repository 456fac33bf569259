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
  const measured: number[] = [];
  const redis = {
    status: "connecting",
    on: () => {},
  };
  const readTime = async () => {
    pass(wayMs.there);
    const time = [Math.floor(redisMs / 1000), (redisMs % 1000) * 1000];
    pass(wayMs.back);
    return time;
  };
  const onMeasured = (_redisMs: number, uncertainMs: number) => void measured.push(uncertainMs);
  clock = createRedisClock({ redis: redis as never, readTime, monotonicNow: () => localMs, onMeasured });
  const behindMs = () => redisMs - clock.now();
  return { pass, set: (ms: number) => (redisMs += ms), redisNow: () => redisMs, behindMs, wayMs, measured };
}

test("redis clock: unknown until measured, then behind Redis by at most a round trip and never ahead", async () => {
  const bench = start({ there: 40, back: 60 });
  expect(clock.estimate()).toBeNull();
  expect(() => clock.now()).toThrow(/no connection/);
  const known = clock.untilKnown();
  await clock.measure();
  await known;
  for (const ms of [0, 1000, 100_000]) {
    bench.pass(ms);
    expect(bench.behindMs()).toBeGreaterThanOrEqual(0);
    expect(bench.behindMs()).toBeLessThanOrEqual(100);
  }
});

test("redis clock: is as good as its best measurements, in whole milliseconds, and says how uncertain it is", async () => {
  const bench = start({ there: 300, back: 3000 });
  await clock.measure();
  bench.wayMs.back = 1;
  await clock.measure();
  expect(bench.behindMs()).toBeLessThanOrEqual(2);
  bench.wayMs.there = 1;
  await clock.measure();
  expect(bench.measured.map(Math.round)).toEqual([3300, 301, 2]);
  bench.wayMs.back = 3000;
  bench.pass(1000);
  await clock.measure();
  // Two clocks may drift apart by a thousandth.
  expect(bench.behindMs()).toBeLessThanOrEqual(2 + 5);
  expect(Number.isInteger(clock.now())).toBe(true);
});

test("redis clock: does not go back while the clock of Redis goes on", async () => {
  const bench = start({ there: 1, back: 1 });
  let last = await clock.measure();
  for (let round = 0; round < 200; round += 1) {
    bench.wayMs.back = (round * 37) % 400;
    bench.pass(5);
    const now = await clock.measure();
    expect(now).toBeGreaterThanOrEqual(last);
    expect(bench.behindMs()).toBeGreaterThanOrEqual(0);
    last = now;
  }
});

test.each([-3_600_000, -120_000, 60_000, 3_600_000])(
  "redis clock: follows Redis's clock at the next measurement when it is set by %i ms",
  async (ms) => {
    const bench = start({ there: 1, back: 1 });
    const setBacks: number[] = [];
    clock.onSetBack(() => setBacks.push(clock.now()));
    await clock.measure();
    bench.set(ms);
    await clock.measure();
    expect(Math.abs(bench.behindMs())).toBeLessThanOrEqual(2);
    expect(setBacks).toHaveLength(ms < 0 ? 1 : 0);
  },
);

test("redis clock: a short step back wakes nobody", async () => {
  const bench = start({ there: 1, back: 1 });
  clock.onSetBack(() => expect.unreachable());
  await clock.measure();
  bench.set(-900);
  await clock.measure();
  expect(Math.abs(bench.behindMs())).toBeLessThanOrEqual(2);
});

test("redis clock: follows a correction at once, and the next measurement again", async () => {
  const bench = start({ there: 1, back: 1 });
  await clock.measure();
  bench.set(60_000);
  clock.correct(bench.redisNow());
  expect(bench.behindMs()).toBe(0);
  clock.correct(1);
  expect(clock.now()).toBe(1);
  await clock.measure();
  expect(Math.abs(bench.behindMs())).toBeLessThanOrEqual(2);
});
