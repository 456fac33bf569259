import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import { acceptConformance } from "../../../../tests/support/store-accept-conformance.js";
import { alertsConformance } from "../../../../tests/support/store-alerts-conformance.js";
import { applyConformance } from "../../../../tests/support/store-apply-conformance.js";
import type { StoreBench } from "../../../../tests/support/store-bench.js";
import { cacheConformance } from "../../../../tests/support/store-cache-conformance.js";
import { eventsConformance } from "../../../../tests/support/store-events-conformance.js";
import { maintenanceConformance } from "../../../../tests/support/store-maintenance-conformance.js";
import { moneyConformance } from "../../../../tests/support/store-money-conformance.js";
import { unsettledConformance } from "../../../../tests/support/store-unsettled-conformance.js";
import type { RequestRef } from "../request/record.js";
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
  if (type === "list") return redis.lrange(key, 0, -1);
  if (type === "stream") return redis.xrange(key, "-", "+");
  return type === "set" ? redis.smembers(key) : redis.get(key);
}

async function openRedisBench(): Promise<StoreBench> {
  const prefix = `test-${randomUUID()}`;
  const clock = createTestClock();
  const redis = connect();
  const created: RequestRef[] = [];
  const onDeliveries = (deliveries: RequestRef[]) => void created.push(...deliveries);
  return {
    clock,
    created,
    store: createStore({ redis, clock, prefix, actor: "test", cacheTtlSeconds: 100, onDeliveries }),
    connect: async () => createStore({ redis: connect(), clock, prefix, actor: "test", cacheTtlSeconds: 100 }),
    async dump() {
      const names = await redis.keys(`${prefix}:*`);
      const contents = await Promise.all(names.map(async (name) => JSON.stringify(await readAny(redis, name))));
      return new Map(names.map((name, index) => [name, contents[index] ?? ""]));
    },
    ttlSeconds: (key) => redis.ttl(key),
    redis,
  };
}

describe("the store on Redis", () => {
  acceptConformance(openRedisBench);
  applyConformance(openRedisBench);
  cacheConformance(openRedisBench);
  eventsConformance(openRedisBench);
  maintenanceConformance(openRedisBench);
  unsettledConformance(openRedisBench);
  moneyConformance(openRedisBench);
  alertsConformance(openRedisBench);
});
