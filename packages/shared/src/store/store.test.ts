import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { storeConformance } from "../../../../tests/support/redis-store-bench.js";

let server: TestRedis;
const connections: Redis[] = [];
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await server.stop();
});

describe("the store on Redis", () => {
  storeConformance(() => {
    const redis = new Redis(server.url);
    connections.push(redis);
    return redis;
  });
});
