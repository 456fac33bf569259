/** The store: everything that is kept in Redis, behind functions that speak of requests and deliveries. */
import type { Redis } from "ioredis";
import type { Clock } from "../domain/clock.js";
import { createApiKeys } from "./api-keys.js";
import { createDeliveries } from "./deliveries.js";
import { createKeys } from "./keys.js";
import { createMaintenance } from "./maintenance.js";
import { createRequests } from "./requests.js";
import { createRuns } from "./runs.js";
import { loadScripts } from "./scripts.js";

export interface StoreOptions {
  redis: Redis;
  /** A connection of its own for status polls; `redis` when left out. */
  pollRedis?: Redis;
  clock: Clock;
  /** Own key space, for tests that share a Redis. */
  prefix?: string;
}

export function createStore({ redis, pollRedis = redis, clock, prefix }: StoreOptions) {
  const keys = createKeys(prefix);
  const scripts = loadScripts(redis);
  const now = () => clock.now();
  return {
    keys,
    requests: createRequests({ redis, pollRedis, keys, scripts, now }),
    deliveries: createDeliveries(redis, keys, scripts, now),
    maintenance: createMaintenance(redis, keys, scripts, now),
    apiKeys: createApiKeys(redis, keys),
    runs: createRuns(redis, keys),
  };
}

export type Store = ReturnType<typeof createStore>;
