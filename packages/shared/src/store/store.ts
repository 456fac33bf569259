/** The store: everything that is kept in Redis, behind functions about requests, deliveries and endpoints. */
import type { Redis } from "ioredis";
import type { Shards } from "../queue/shards.js";
import type { RequestRef } from "../request/record.js";
import type { Clock } from "../units.js";
import { createAlerts } from "./alerts.js";
import { createApiKeys } from "./api-keys.js";
import { createAuditLog } from "./audit-log.js";
import { createBudgets } from "./budgets.js";
import { createColdRequests } from "./cold-requests.js";
import { type KeyWatch, watchNothing } from "./connection/key-watch.js";
import { NO_REPLICAS, type Reading, type Replicas, replicatedRead, type UntilTaken } from "./connection/replicas.js";
import { createDeliveries } from "./deliveries.js";
import { createEndpoints } from "./endpoints.js";
import { createFeed } from "./feed.js";
import { createHealth } from "./health.js";
import { createKeys } from "./keys.js";
import { createLeases } from "./leases.js";
import { createLedger } from "./ledger.js";
import { createListing, createRuns } from "./listing.js";
import { createMaintenance } from "./maintenance.js";
import { createMissedEvents } from "./missed-events.js";
import { createOrganizations } from "./organizations.js";
import { createOutbox } from "./outbox.js";
import { createOutcomes } from "./outcomes.js";
import { createPools } from "./pools.js";
import { createProviderJobs } from "./provider-jobs.js";
import { createProviderKeys } from "./provider-keys.js";
import { createRateLimits } from "./rate-limits.js";
import { createRequestKeys } from "./request-keys.js";
import { createRequests } from "./requests.js";
import { loadScripts } from "./scripts.js";
import { createSharing } from "./sharing.js";
import { createTimeline } from "./timeline.js";
import { createWorkers } from "./workers.js";

export interface StoreOptions {
  redis: Redis;
  /** A connection without scripts for status polls and time lines, since a pipeline copies each script. Default: `redis`. */
  pollRedis?: Redis;
  /** Reads on `pollRedis`, and says which requests have changed since. Default: it does not know. */
  keyWatch?: KeyWatch;
  clock: Clock;
  /** The name of this process in time lines. */
  actor?: string;
  /** How long the cache keeps results; 0 for no limit. */
  cacheTtlSeconds?: number;
  /** How long equal calls get a request that ended with its charge not settled. */
  unsettledSeconds?: number;
  /** How long a request that ended with its charge unknown holds its money. */
  unknownHoldMs?: number;
  /** Called with new deliveries, to wake a worker for them. If this fails, the sweeper wakes one later. */
  onDeliveries?: (deliveries: RequestRef[]) => void;
  /** For workers: a step that has spent money must not fail because Redis refuses to write it down. */
  untilTaken?: UntilTaken;
  /** They must have an acceptance, a transition or a withdrawal before it counts. */
  replicas?: Replicas;
  /** For the API: records and events are shown only when no failover can lose them. */
  showsLasting?: boolean;
  /** Of the queues. Default: one each. */
  shards?: Shards;
  /** The prefix of all keys, for tests that share a Redis. */
  prefix?: string;
}

export function createStore({
  redis,
  pollRedis = redis,
  keyWatch = watchNothing(pollRedis),
  clock,
  prefix,
  ...options
}: StoreOptions) {
  const { untilTaken, replicas = NO_REPLICAS, showsLasting = false } = options;
  const { actor = "unnamed", cacheTtlSeconds = 86_400, unsettledSeconds = 900, onDeliveries = () => {} } = options;
  const { unknownHoldMs = 7 * 86_400_000 } = options;
  const keys = createKeys(prefix);
  const scripts = loadScripts(redis, { untilTaken, replicas });
  const reading: Reading = (key, read) => (showsLasting ? replicatedRead(replicas, key, read) : read());
  const now = () => clock.now();
  const organizations = createOrganizations(redis, keys, scripts);
  return {
    keys,
    organizations,
    requests: createRequests({
      ...{ redis, pollRedis, keyWatch, keys, scripts, now, actor },
      ...{ cacheTtlSeconds, unsettledSeconds, unknownHoldMs, onDeliveries, reading },
    }),
    providerJobs: createProviderJobs(redis, keys, untilTaken),
    timeline: createTimeline(pollRedis, keys),
    sharing: createSharing(redis, keys, scripts),
    listing: createListing(redis, keys),
    feed: createFeed(redis, keys, reading),
    deliveries: createDeliveries(redis, keys, scripts, now),
    endpoints: createEndpoints(redis, keys, scripts),
    missedEvents: createMissedEvents({ redis, keys, scripts, now, onDeliveries }),
    alerts: createAlerts({ redis, keys, scripts, now, onDeliveries }),
    outcomes: createOutcomes(redis, keys, now),
    coldRequests: createColdRequests(redis, keys, scripts),
    maintenance: createMaintenance(redis, keys, scripts, now),
    apiKeys: createApiKeys(redis, keys, scripts, organizations),
    rateLimits: createRateLimits(redis, keys),
    budgets: createBudgets(redis, keys, scripts),
    ledger: createLedger(redis, keys),
    providerKeys: createProviderKeys({ redis, keys, scripts }),
    requestKeys: createRequestKeys(redis, keys, scripts),
    auditLog: createAuditLog(redis, keys),
    runs: createRuns(redis, keys),
    leases: createLeases(redis, keys, scripts),
    workers: createWorkers(redis, keys),
    health: createHealth(redis, keys, now),
    pools: createPools(redis, keys, scripts),
    outbox: createOutbox(redis, keys, scripts, options.shards),
  };
}

export type Store = ReturnType<typeof createStore>;
