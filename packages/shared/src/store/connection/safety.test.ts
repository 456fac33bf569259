import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../../tests/support/redis.js";
import { judge, memoryShare, readSettings } from "./safety.js";

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
});
