/** Opens everything the steps work with: for a worker process, and for an isolated process that runs one request. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { providerOf } from "@visgate/providers";
import type { Catalogue } from "@visgate/shared/catalogue";
import { RETRY_SECONDS } from "@visgate/shared/delivery";
import { createFileUrls } from "@visgate/shared/outputs";
import { createDeliveryWaker, createProducer, type WatchedShards, watchShards } from "@visgate/shared/queue";
import {
  type Config,
  createReportUrls,
  createSecrets,
  type Logger,
  publicBase,
  reportBase,
  urlPolicy,
} from "@visgate/shared/runtime";
import { createGuardedFetch, createLeanFetch } from "@visgate/shared/runtime/net";
import { createQueueErrorHandler, openOutputsOrExit } from "@visgate/shared/runtime/process";
import { createStore, type Gate, type Redis, type RedisClock, type Replicas } from "@visgate/shared/store";
import { type Tracing, traceFetch } from "@visgate/shared/tracing";
import type { Deps, ProviderSetup, Settings } from "./deps.js";
import type { Isolation } from "./isolation/isolation.js";
import { createMetrics } from "./metrics.js";
import { poolOf } from "./pacing/pool.js";
import { createShares } from "./pacing/shares.js";
import { createSlots } from "./pacing/slots.js";
import { createPosters } from "./posters/posters.js";
import { createHealthReport } from "./provider/health.js";
import { watchLoad } from "./upkeep/load.js";
import { createReceiverSlots } from "./webhooks/slots.js";

export interface OpenOptions {
  config: Config;
  catalogue: Catalogue;
  redis: Redis;
  gate: Gate;
  replicas: Replicas;
  clock: RedisClock;
  log: Logger;
  tracing: Tracing;
  leaseId: string;
  isolation: Isolation | null;
}

export interface Opened {
  deps: Deps;
  shards: WatchedShards;
  close(): Promise<void>;
}

export async function openDeps(options: OpenOptions): Promise<Opened> {
  const { config, catalogue, redis, gate, replicas, clock, log, tracing, leaseId, isolation } = options;
  const settings = settingsOf(config);
  const secrets = createSecrets(...config.VISGATE_SECRET);
  const shards = watchShards({ redis, own: config.QUEUE_SHARDS, clock, onError: gate.report });
  const producer = createProducer({ redis, shards, onError: createQueueErrorHandler(gate, log) });
  const store = createStore({
    redis,
    clock,
    actor: settings.actor,
    cacheTtlSeconds: config.CACHE_TTL_SECONDS,
    unsettledSeconds: config.UNSETTLED_SECONDS,
    unknownHoldMs: config.UNKNOWN_HOLD_DAYS * 86_400_000,
    replicas,
    onDeliveries: createDeliveryWaker(producer, log),
    untilTaken: gate.untilTaken,
    shards,
  });
  const providers = await openProviders(config, { secrets, clock, tracing });
  const guarded = openGuard(config);
  const metrics = createMetrics();
  const rhythms = new Map([...providers.setups].map(([name, { adapter }]) => [name, adapter.rhythm]));
  const load = watchLoad(rhythms, {
    ...{ sleeping: producer.sleeping, dueWithin: producer.dueWithin },
    waiting: async (provider) => {
      const pool = poolOf({ providers: providers.setups }, { provider, account: "server", organization: "" });
      return pool === null ? 0 : store.pools.waitingCount(pool);
    },
    onWaiting: metrics.setWaiting,
  });
  const health = createHealthReport({
    ...{ health: store.health, outcomes: store.outcomes, log },
    coolDownMs: config.COOL_DOWN_SECONDS * 1000,
  });
  const slots = createSlots({ pools: store.pools, producer, log });
  const outputs = await openOutputsOrExit(config, log);
  const deps: Deps = {
    ...{ store, producer, secrets, catalogue, leaseId, isolation, log, tracing, settings },
    outputs: outputs.store,
    outputsHealth: outputs,
    posters: config.POSTERS ? createPosters() : null,
    fileUrls: createFileUrls({ base: publicBase(config), secrets, retentionDays: config.RETENTION_DAYS }),
    providers: providers.setups,
    pollLoad: load.of,
    slots,
    health,
    shareOf: createShares({ organizations: store.organizations, clock }),
    guardedFetch: guarded.fetch,
    receiverSlots: createReceiverSlots({
      capacity: config.WORKER_CONCURRENCY,
      monotonicNow: () => performance.now(),
      random: Math.random,
    }),
    clock,
    isGone: store.leases.isGone,
    newToken: randomUUID,
    random: Math.random,
    metrics,
  };
  return {
    deps,
    shards,
    async close() {
      load.close();
      shards.close();
      slots.close();
      await health.close();
      outputs.close();
      await producer.close();
      await Promise.all([guarded.close(), providers.close()]);
    },
  };
}

function settingsOf(config: Config): Settings {
  return {
    actor: `${hostname()}:${process.pid}`,
    publicBase: publicBase(config),
    cacheTtlSeconds: config.CACHE_TTL_SECONDS,
    cacheIsShared: config.CACHE_SCOPE === "global",
    submitTimeoutMs: config.SUBMIT_TIMEOUT_MS,
    locateMs: config.LOCATE_SECONDS * 1000,
    maxOutputBytes: config.MAX_OUTPUT_BYTES,
    retentionDays: config.RETENTION_DAYS,
    alerts: {
      errorRate: config.ALERT_ERROR_RATE,
      queueAgeMs: config.ALERT_QUEUE_AGE_SECONDS * 1000,
      clearMs: config.ALERT_CLEAR_SECONDS * 1000,
    },
    disableAfterMs: config.WEBHOOK_DISABLE_AFTER_SECONDS * 1000,
    webhookRetrySeconds: config.WEBHOOK_RETRY_SECONDS ?? RETRY_SECONDS,
  };
}

interface ProviderParts extends Pick<OpenOptions, "clock" | "tracing"> {
  secrets: ReturnType<typeof createSecrets>;
}

async function openProviders(config: Config, { secrets, clock, tracing }: ProviderParts) {
  const kept = createLeanFetch({ freshConnections: false });
  const fresh = createLeanFetch({ freshConnections: true });
  const traced = (fetch: typeof kept.fetch) => traceFetch(tracing, fetch, config.TRACEPARENT_TO_PROVIDERS);
  const clients = { fetch: traced(kept.fetch), freshFetch: traced(fresh.fetch), now: clock.now };
  const setups = new Map<string, ProviderSetup>();
  for (const [name, provider] of config.providers) {
    const { apiKey, baseUrl, urls, settings, limits } = provider;
    const adapter = await providerOf(name).createAdapter({ baseUrl, urls, settings, ...clients });
    const base = reportBase(config, provider);
    const reportUrls = base === null ? null : createReportUrls({ base, secrets });
    setups.set(name, { apiKey, adapter, reportUrls, limits });
  }
  return { setups, close: () => Promise.all([kept.close(), fresh.close()]) };
}

/** When the operator points a provider at a simulator or a proxy, its outputs are downloaded from there too. */
function openGuard(config: Config) {
  const policy = urlPolicy(config);
  const providerOrigins = [...config.providers.values()].flatMap(({ origins }) => origins);
  return createGuardedFetch({ ...policy, allowedOrigins: new Set([...policy.allowedOrigins, ...providerOrigins]) });
}
