import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { percentileOf } from "../money/times.js";
import { createHealth, type Health, type ModelEnd } from "./health.js";
import { createKeys } from "./keys.js";

let server: TestRedis;
let redis: Redis;
let health: Health;
let now = 1_767_225_600_000;
const keys = createKeys();
beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url);
});
beforeEach(async () => {
  await redis.flushall();
  health = createHealth(redis, keys, () => now);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const error: ModelEnd = { model: "a/b", isError: true };
const success: ModelEnd = { model: "a/b", isError: false, took: { ms: 30_000, usualMs: 20_000 } };
const COOL_DOWN_MS = 60_000;
const note = (...ends: ModelEnd[]) => health.note("acc", ends, COOL_DOWN_MS);
const isCooling = () => health.isCooling("acc", "a/b");

test("counts requests, errors and how long renders took, by model", async () => {
  await note(success, error, { model: "c|d", isError: true });
  await note(success);
  expect(await health.read("acc")).toEqual(
    expect.arrayContaining([
      { model: "a/b", requests: 3, errors: 1, ms: 60_000, usualMs: 40_000, times: expect.any(Map), coolingUntil: null },
      { model: "c|d", requests: 1, errors: 1, ms: 0, usualMs: 0, times: new Map(), coolingUntil: null },
    ]),
  );
  expect(await health.read("another")).toEqual([]);
});

test("counts the times of renders in buckets, over all minutes, also when the usual time is not known", async () => {
  const took = (ms: number): ModelEnd => ({ model: "a/b", isError: false, took: { ms, usualMs: null } });
  await note(...Array.from({ length: 9 }, () => took(20_000)), error);
  now += 60_000;
  await note(took(90_000));
  const [model] = await health.read("acc");
  expect(model).toMatchObject({ requests: 11, ms: 0, usualMs: 0 });
  const times = model?.times ?? new Map<number, number>();
  expect([...times.values()].toSorted()).toEqual([1, 9]);
  expect((percentileOf(times, 0.5) ?? 0) / 20_000).toBeCloseTo(1, 1);
  expect((percentileOf(times, 0.95) ?? 0) / 90_000).toBeCloseTo(1, 1);
});

test("one bucket of a model costs one more field, however many renders are in it", async () => {
  await note(...Array.from({ length: 50 }, () => success));
  expect(Object.keys(await redis.hgetall(keys.healthMinute("acc", Math.floor(now / 60_000))))).toHaveLength(4);
});

test("forgets what is older than ten minutes, and its keys expire", async () => {
  await note(error);
  expect(await redis.ttl(keys.healthMinute("acc", Math.floor(now / 60_000)))).toBeGreaterThan(600);
  expect(await redis.ttl(keys.healthStreaks("acc"))).toBeGreaterThan(600);
  now += 10 * 60_000;
  expect(await health.read("acc")).toEqual([]);
});

describe("cool-down", () => {
  test("begins with the fifth error in a row, no matter which process saw it, and ends by itself", async () => {
    await note(error, error);
    await note(error, error);
    expect(await isCooling()).toBe(false);
    await note(error);
    expect(await isCooling()).toBe(true);
    expect((await health.read("acc"))[0]?.coolingUntil).toBe(now + COOL_DOWN_MS);
    now += COOL_DOWN_MS;
    expect(await isCooling()).toBe(false);
  });

  test("a success breaks the row, and ends the cool-down", async () => {
    await note(error, error, error, error, success, error);
    expect(await isCooling()).toBe(false);
    await note(error, error, error, error);
    expect(await isCooling()).toBe(true);
    await note(success);
    expect(await isCooling()).toBe(false);
  });

  test("begins again with the next error after it ended", async () => {
    await note(error, error, error, error, error);
    now += COOL_DOWN_MS;
    await note(error);
    expect(await isCooling()).toBe(true);
  });

  test("is of one account and one model", async () => {
    await note(error, error, error, error, error, { model: "c/d", isError: true });
    expect([await health.isCooling("acc", "c/d"), await health.isCooling("another", "a/b")]).toEqual([false, false]);
  });

  test("0 ms: there is none", async () => {
    await health.note("acc", Array(9).fill(error), 0);
    expect(await isCooling()).toBe(false);
  });
});

test("models that callers make up do not fill Redis", async () => {
  await note(...Array.from({ length: 2001 }, (_, index) => ({ model: `made-up/${index}`, isError: true })));
  expect(await redis.exists(keys.healthStreaks("acc"))).toBe(0);
});
