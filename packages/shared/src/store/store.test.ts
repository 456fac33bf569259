import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import { acceptConformance } from "../../../../tests/support/store-accept-conformance.js";
import { applyConformance } from "../../../../tests/support/store-apply-conformance.js";
import type { StoreBench } from "../../../../tests/support/store-bench.js";
import { maintenanceConformance } from "../../../../tests/support/store-maintenance-conformance.js";
import { createStore } from "./store.js";

let server: TestRedis;
const connections: Redis[] = [];
const connect = () => {
  const redis = new Redis(server.url);
  connections.push(redis);
  return redis;
};
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await server.stop();
});

async function readAny(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === "hash") return redis.hgetall(key);
  if (type === "zset") return redis.zrange(key, "0", "-1", "WITHSCORES");
  return type === "set" ? redis.smembers(key) : redis.get(key);
}

async function openRedisBench(): Promise<StoreBench> {
  const prefix = `test-${randomUUID()}`;
  const clock = createTestClock();
  const redis = connect();
  return {
    clock,
    store: createStore({ redis, clock, prefix }),
    connect: async () => createStore({ redis: connect(), clock, prefix }),
    async dump() {
      const names = await redis.keys(`${prefix}:*`);
      const contents = await Promise.all(names.map(async (name) => JSON.stringify(await readAny(redis, name))));
      return new Map(names.map((name, index) => [name, contents[index] ?? ""]));
    },
    ttlSeconds: (key) => redis.ttl(key),
  };
}

describe("the store on Redis", () => {
  acceptConformance(openRedisBench);
  applyConformance(openRedisBench);
  maintenanceConformance(openRedisBench);
});
