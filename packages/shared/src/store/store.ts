/** The store: everything that is kept in Redis, behind functions that speak of requests and deliveries. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../request/record.js";
import type { Clock } from "../units.js";
import { createApiKeys } from "./api-keys.js";
import { createDeliveries } from "./deliveries.js";
import { createEndpoints } from "./endpoints.js";
import { createFeed } from "./feed.js";
import { createKeys } from "./keys.js";
import { createLeases } from "./leases.js";
import { createListing } from "./listing.js";
import { createMaintenance } from "./maintenance.js";
import { createProviderJobs } from "./provider-jobs.js";
import { createRequests } from "./requests.js";
import { createRuns } from "./runs.js";
import { loadScripts } from "./scripts.js";
import { createSharing } from "./sharing.js";
import { createTimeline } from "./timeline.js";

export interface StoreOptions {
  redis: Redis;
  /** For status polls and time lines, whose pipelines copy every script a connection holds; `redis` when left out. */
  pollRedis?: Redis;
  clock: Clock;
  /** The name of this process in time lines. */
  actor?: string;
  /** How long results are kept in the cache; 0 for ever. */
  cacheTtlSeconds?: number;
  /** How long equal calls return a request that ended with its charge not settled. */
  unsettledSeconds?: number;
  /** Hears of deliveries when they are born, to wake a worker for them; should it fail, the sweeper does. */
  onDeliveries?: (deliveries: RequestRef[]) => void;
  /** Own key space, for tests that share a Redis. */
  prefix?: string;
}

export function createStore({ redis, pollRedis = redis, clock, prefix, ...options }: StoreOptions) {
  const { actor = "unnamed", cacheTtlSeconds = 86_400, unsettledSeconds = 900, onDeliveries = () => {} } = options;
  const keys = createKeys(prefix);
  const scripts = loadScripts(redis);
  const now = () => clock.now();
  return {
    keys,
    requests: createRequests({
      ...{ redis, pollRedis, keys, scripts, now, actor },
      ...{ cacheTtlSeconds, unsettledSeconds, onDeliveries },
    }),
    providerJobs: createProviderJobs(redis, keys),
    timeline: createTimeline(pollRedis, keys),
    sharing: createSharing(redis, keys, scripts),
    listing: createListing(redis, keys),
    feed: createFeed(redis, keys),
    deliveries: createDeliveries(redis, keys, scripts, now),
    endpoints: createEndpoints(redis, keys, scripts),
    maintenance: createMaintenance(redis, keys, scripts, now),
    apiKeys: createApiKeys(redis, keys),
    runs: createRuns(redis, keys),
    leases: createLeases(redis, keys, scripts),
  };
}

export type Store = ReturnType<typeof createStore>;
