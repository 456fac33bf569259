import { afterAll, describe } from "vitest";
import { useTestCluster } from "../../../../tests/support/redis-cluster.js";
import { storeConformance } from "../../../../tests/support/redis-store-bench.js";
import { connectPatient, type Redis } from "./connection/connect.js";

const cluster = useTestCluster();
const connections: Redis[] = [];
afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

/** Redis refuses a script or a command whose keys are in several slots. */
describe("the store on a Redis Cluster", () => {
  storeConformance(() => {
    const redis = connectPatient(cluster.url);
    connections.push(redis);
    return redis;
  });
});
