import { afterAll, describe } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { IS_CLUSTER, useTestCluster } from "../../../../tests/support/redis-cluster.js";
import { storeConformance } from "../../../../tests/support/redis-store-bench.js";
import { connectPatient, type Redis } from "./connection/connect.js";

const server = IS_CLUSTER ? useTestCluster() : useTestRedis();
const connections: Redis[] = [];
afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

/** With REDIS=cluster on a cluster, which refuses a command or a script whose keys are in several slots. */
describe("the store on Redis", () => {
  storeConformance(() => {
    const redis = connectPatient(server.url);
    connections.push(redis);
    return redis;
  });
});
