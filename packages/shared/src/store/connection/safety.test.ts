import { once } from "node:events";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../../tests/support/redis.js";
import { createTestSignal } from "../../../../../tests/support/signals.js";
import { until } from "../../../../../tests/support/until.js";
import { createGate } from "./gate.js";
import { judge, memoryShare, readSettings, type SafetyVerdict } from "./safety.js";

const MEGABYTE = 1024 * 1024;
let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const safe = { appendOnly: "yes", appendFsync: "always", evictionPolicy: "noeviction" };

describe("judge", () => {
  test.each([
    { appendFsync: "always", says: "on disk" },
    { appendFsync: "everysec", says: "about the last second" },
    { appendFsync: "no", says: "may lose" },
    { appendFsync: "sometimes", says: "appendfsync sometimes" },
  ])("accepts appendfsync $appendFsync, and says what it means", ({ appendFsync, says }) => {
    const verdict = judge({ ...safe, appendFsync });
    expect(verdict.safe).toBe(true);
    expect(verdict.message).toContain(says);
  });

  test.each(["allkeys-lru", "volatile-lru", "allkeys-random", "volatile-ttl", ""])(
    "refuses the eviction policy %s, and names the remedy",
    (evictionPolicy) => {
      const verdict = judge({ ...safe, evictionPolicy });
      expect(verdict.safe).toBe(false);
      expect(verdict.message).toContain("noeviction");
    },
  );

  test("refuses a missing append-only file, and names the remedy", () => {
    const verdict = judge({ ...safe, appendOnly: "no" });
    expect(verdict.safe).toBe(false);
    expect(verdict.message).toContain("appendonly yes");
  });

  test("accepts settings that cannot be read, and says so", () => {
    expect(judge(null)).toMatchObject({ safe: true, message: expect.stringContaining("does not show") });
  });
});

describe("readSettings", () => {
  test("reads our redis.conf, which is safe", async () => {
    expect(await readSettings(redis)).toEqual(safe);
    expect(judge(await readSettings(redis)).safe).toBe(true);
  });

  test("is null for a user without the right to read them", async () => {
    await redis.call("ACL", "SETUSER", "limited", "on", ">limited-pass", "~*", "&*", "+@all", "-config");
    const url = new URL(server.url);
    const limited = new Redis({
      host: url.hostname,
      port: Number(url.port),
      username: "limited",
      password: "limited-pass",
    });
    try {
      expect(await readSettings(limited)).toBeNull();
    } finally {
      limited.disconnect();
    }
  });

  test("throws while Redis is away, instead of calling it safe", async () => {
    const away = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null });
    away.on("error", () => {});
    await expect(readSettings(away)).rejects.toThrow();
    away.disconnect();
  });
});

describe("memoryShare", () => {
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);

  test("is 0 without a limit", async () => {
    await redis.config("SET", "maxmemory", "0");
    expect(await memoryShare(redis)).toBe(0);
  });

  test("is the used part of the limit", async () => {
    await redis.config("SET", "maxmemory", String((await used()) * 4));
    const share = await memoryShare(redis);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.35);
  });

  test("gate: refuses above 70 % of the memory, and opens again when there is room", async () => {
    await redis.config("SET", "maxmemory", String((await used()) + 100 * MEGABYTE));
    const watched = new Redis(server.url);
    await once(watched, "ready");
    const gate = createGate(watched, () => {});
    try {
      await until("the first measure", async () => (await memoryShare(watched)) > 0);
      expect(gate.isUnderPressure()).toBe(false);
      await redis.config("SET", "maxmemory", String(Math.round((await used()) / 0.75)));
      await until("the gate to close", () => gate.isUnderPressure());
      await redis.config("SET", "maxmemory", String((await used()) * 4));
      await until("the gate to open", () => !gate.isUnderPressure());
    } finally {
      gate.close();
      watched.disconnect();
      await redis.config("SET", "maxmemory", "0");
    }
  });

  test("gate: judges Redis at once, and again at every reconnection", async () => {
    const watched = new Redis(server.url);
    await once(watched, "ready");
    const verdicts: SafetyVerdict[] = [];
    const wakeSignal = createTestSignal();
    const gate = createGate(watched, (verdict) => {
      verdicts.push(verdict);
      wakeSignal.fire();
    });
    try {
      await wakeSignal.reached(1);
      await redis.config("SET", "maxmemory-policy", "allkeys-lru");
      await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      await wakeSignal.reached(2);
      expect(verdicts.map((verdict) => verdict.safe)).toEqual([true, false]);
    } finally {
      gate.close();
      watched.disconnect();
      await redis.config("SET", "maxmemory-policy", "noeviction");
    }
  });
});
