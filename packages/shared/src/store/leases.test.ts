import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { until } from "../../../../tests/support/until.js";
import { createKeys, type Keys } from "./keys.js";
import { createLeases, type LeaseHolder, type Leases } from "./leases.js";
import { loadScripts } from "./scripts.js";

const TIMES = { gapMs: 150, lifeMs: 300 };

const server = useTestRedis();
let redis: Redis;
let keys: Keys;
let leases: Leases;
beforeAll(async () => {
  redis = new Redis(server.url);
});
beforeEach(() => {
  keys = createKeys(`t-${randomUUID()}`);
  leases = createLeases(redis, keys, loadScripts(redis), TIMES);
});
afterAll(async () => {
  redis.disconnect();
});

const redisNow = async () => {
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  return seconds * 1000 + Math.floor(micros / 1000);
};

/** An observer sends heartbeats until Redis's clock reaches `at`; returns the leases that it declared dead. */
async function beatUntil(observer: LeaseHolder, at: number): Promise<string[]> {
  const declaredDead = new Set<string>();
  while ((await redisNow()) < at) for (const id of (await observer.beat()).dead) declaredDead.add(id);
  return [...declaredDead];
}

/**
 * The observer sends heartbeats until it declares `id` dead. All times are those that Redis gave its heartbeats, so a
 * slow machine changes none of the relations between them.
 */
async function untilVerdict(observer: LeaseHolder, id: string) {
  const beatAt = async () => Number(await redis.zscore(keys.leases(), observer.id));
  let before = await beatAt();
  let presentSince = before;
  for (;;) {
    const { dead } = await observer.beat();
    const at = await beatAt();
    if (at - before > TIMES.gapMs) presentSince = at;
    if (dead.includes(id)) return { at, before, presentSince };
    before = at;
  }
}

/** Moves the last heartbeat into the past. */
const backdate = (id: string, ms: number) => redis.zincrby(keys.leases(), -ms, id);

describe("leases", () => {
  test("a process without heartbeats is declared dead after LIFE_MS, and not before", async () => {
    const [observer, other] = [leases.holder("observer"), leases.holder("other")];
    await beatUntil(observer, (await redisNow()) + TIMES.lifeMs);
    await other.beat();
    const last = Number(await redis.zscore(keys.leases(), "other"));
    expect(await leases.isGone("other")).toBe(false);
    const verdict = await untilVerdict(observer, "other");
    const silentSince = Math.max(last, verdict.presentSince);
    expect(verdict.at - silentSince).toBeGreaterThan(TIMES.lifeMs);
    expect(verdict.before - silentSince).toBeLessThanOrEqual(TIMES.lifeMs);
    expect(await leases.isGone("other")).toBe(true);
  });

  test("processes that send heartbeats are never declared dead", async () => {
    const holders = ["a", "b", "c"].map(leases.holder);
    const end = (await redisNow()) + 3 * TIMES.lifeMs;
    while ((await redisNow()) < end) {
      for (const { dead } of await Promise.all(holders.map((holder) => holder.beat()))) expect(dead).toEqual([]);
    }
  });

  test("an observer that has just started declares a dead predecessor dead after LIFE_MS", async () => {
    await leases.holder("predecessor").beat();
    await backdate("predecessor", 60_000);
    const began = await redisNow();
    const verdict = await untilVerdict(leases.holder("observer"), "predecessor");
    expect(verdict.at - began).toBeGreaterThan(TIMES.lifeMs);
  });

  test("after Redis was frozen, no process is declared dead before Redis has answered for LIFE_MS", async () => {
    const observer = leases.holder("observer");
    await leases.holder("other").beat();
    await beatUntil(observer, (await redisNow()) + TIMES.gapMs);
    process.kill(server.pid, "SIGSTOP");
    const first = observer.beat();
    await new Promise((resolve) => setTimeout(resolve, 2 * TIMES.lifeMs));
    process.kill(server.pid, "SIGCONT");
    expect((await first).dead).toEqual([]);
    const answeredAt = Number(await redis.zscore(keys.leases(), observer.id));
    expect((await untilVerdict(observer, "other")).at - answeredAt).toBeGreaterThan(TIMES.lifeMs);
  });

  test("heartbeats that waited in the socket of a frozen Redis declare no process dead", async () => {
    const observer = leases.holder("observer");
    await leases.holder("other").beat();
    await beatUntil(observer, (await redisNow()) + TIMES.gapMs);
    process.kill(server.pid, "SIGSTOP");
    const waiting = [observer.beat(), observer.beat(), observer.beat()];
    await new Promise((resolve) => setTimeout(resolve, 2 * TIMES.lifeMs));
    process.kill(server.pid, "SIGCONT");
    for (const { dead } of await Promise.all(waiting)) expect(dead).toEqual([]);
  });

  test("an observer that was stopped itself declares no process dead before LIFE_MS has passed", async () => {
    const observer = leases.holder("observer");
    await beatUntil(observer, (await redisNow()) + TIMES.lifeMs);
    await leases.holder("other").beat();
    await new Promise((resolve) => setTimeout(resolve, 2 * TIMES.lifeMs));
    expect((await observer.beat()).dead).toEqual([]);
    const continuedAt = Number(await redis.zscore(keys.leases(), observer.id));
    expect((await untilVerdict(observer, "other")).at - continuedAt).toBeGreaterThan(TIMES.lifeMs);
  });

  test("a process that was declared dead learns this from its next heartbeat, and is alive again", async () => {
    const [observer, other] = [leases.holder("observer"), leases.holder("other")];
    expect(await other.beat()).toEqual({ wasJudgedDead: false, dead: [] });
    await until("the verdict", async () => (await observer.beat()).dead.includes("other"));
    expect((await other.beat()).wasJudgedDead).toBe(true);
    expect(await leases.isGone("other")).toBe(false);
    await leases.remove("other");
    expect(await leases.isGone("other")).toBe(false);
    expect((await observer.beat()).dead).toEqual([]);
    expect((await other.beat()).wasJudgedDead).toBe(false);
  });

  test("each heartbeat of each observer returns a dead process until its lease is removed", async () => {
    const [one, two] = [leases.holder("one"), leases.holder("two")];
    await leases.holder("other").beat();
    await until("the verdict", async () => (await one.beat()).dead.includes("other"));
    expect((await two.beat()).dead).toEqual(["other"]);
    expect((await one.beat()).dead).toEqual(["other"]);
    await leases.remove("other");
    expect((await one.beat()).dead).toEqual([]);
    expect(await leases.isGone("other")).toBe(true);
    expect((await leases.holder("other").beat()).wasJudgedDead).toBe(false);
  });

  test("a process whose lease was removed while it was stopped learns this from its next heartbeat", async () => {
    const [observer, other] = [leases.holder("observer"), leases.holder("other")];
    await other.beat();
    await until("the verdict", async () => (await observer.beat()).dead.includes("other"));
    await leases.remove("other");
    expect((await other.beat()).wasJudgedDead).toBe(true);
  });

  test("a lease that its process ended is removed at once, and is not reported as dead", async () => {
    const [observer, other] = [leases.holder("observer"), leases.holder("other")];
    await other.beat();
    await other.end();
    expect(await leases.isGone("other")).toBe(true);
    expect(await beatUntil(observer, (await redisNow()) + 2 * TIMES.lifeMs)).toEqual([]);
  });

  test("when the clock was set back, heartbeats count from now", async () => {
    const observer = leases.holder("observer");
    await leases.holder("other").beat();
    await backdate("other", -3_600_000);
    await until("the verdict", async () => (await observer.beat()).dead.includes("other"));
  });
});
