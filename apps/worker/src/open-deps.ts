/** Everything steps work with, opened by configuration: for a worker process, and for one that is made for one request. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createAdapter } from "@visgate/providers";
import type { Catalogue } from "@visgate/shared/catalogue/catalogue";
import {
  type Config,
  type ProviderConfig,
  providerConfigs,
  publicBase,
  reportBase,
  urlPolicy,
} from "@visgate/shared/config";
import { systemClock } from "@visgate/shared/domain/clock";
import { RETRY_SECONDS } from "@visgate/shared/domain/delivery";
import type { Logger } from "@visgate/shared/log";
import { createGuardedFetch } from "@visgate/shared/net/guard";
import { createLeanFetch } from "@visgate/shared/net/lean-fetch";
import { createFileUrls } from "@visgate/shared/outputs/file-urls";
import { openOutputsOrExit } from "@visgate/shared/process/open-outputs";
import { createProducer } from "@visgate/shared/queue/producer";
import { createDeliveryWaker } from "@visgate/shared/queue/wake-deliveries";
import { createReportUrls } from "@visgate/shared/report-urls";
import { createSecrets } from "@visgate/shared/secrets";
import type { Redis } from "@visgate/shared/store/connection";
import { createStore } from "@visgate/shared/store/store";
import type { Deps, ProviderSetup, Settings } from "./deps.js";
import type { Isolation } from "./isolation.js";
import { createMetrics } from "./metrics.js";
import { createReceiverSlots } from "./receiver-slots.js";
import { watchLoad } from "./watch-load.js";

export interface OpenOptions {
  config: Config;
  catalogue: Catalogue;
  redis: Redis;
  log: Logger;
  leaseId: string;
  isolation: Isolation | null;
}

export interface Opened {
  deps: Deps;
  close(): Promise<void>;
}

export async function openDeps({ config, catalogue, redis, log, leaseId, isolation }: OpenOptions): Promise<Opened> {
  const settings = settingsOf(config);
  const secrets = createSecrets(config.VISGATE_SECRET);
  const producer = createProducer({ redis, onError: (error) => log.warn({ queue: error.message }, "queue") });
  const store = createStore({
    redis,
    clock: systemClock,
    actor: settings.actor,
    cacheTtlSeconds: config.CACHE_TTL_SECONDS,
    unsettledSeconds: config.UNSETTLED_SECONDS,
    onDeliveries: createDeliveryWaker(producer, log),
  });
  const providers = openProviders(config, secrets);
  const guarded = openGuard(config);
  const load = watchLoad([...providers.setups.keys()], producer);
  const deps: Deps = {
    ...{ store, producer, secrets, catalogue, leaseId, isolation, log, settings },
    outputs: await openOutputsOrExit(config, log),
    fileUrls: createFileUrls({ base: publicBase(config), secrets, retentionDays: config.RETENTION_DAYS }),
    providers: providers.setups,
    inFlight: load.inFlight,
    guardedFetch: guarded.fetch,
    receiverSlots: createReceiverSlots({
      capacity: config.WORKER_CONCURRENCY,
      monotonicNow: () => performance.now(),
      random: Math.random,
    }),
    clock: systemClock,
    isGone: store.leases.isGone,
    newToken: randomUUID,
    random: Math.random,
    metrics: createMetrics(),
  };
  return {
    deps,
    async close() {
      load.close();
      await producer.close();
      await Promise.all([guarded.close(), providers.close()]);
    },
  };
}

function settingsOf(config: Config): Settings {
  return {
    actor: `${hostname()}:${process.pid}`,
    cacheTtlSeconds: config.CACHE_TTL_SECONDS,
    cacheIsShared: config.CACHE_SCOPE === "global",
    submitTimeoutMs: config.SUBMIT_TIMEOUT_MS,
    locateMs: config.LOCATE_SECONDS * 1000,
    maxOutputBytes: config.MAX_OUTPUT_BYTES,
    retentionDays: config.RETENTION_DAYS,
    disableAfterMs: config.WEBHOOK_DISABLE_AFTER_SECONDS * 1000,
    webhookRetrySeconds: config.WEBHOOK_RETRY_SECONDS ?? RETRY_SECONDS,
  };
}

function openProviders(config: Config, secrets: ReturnType<typeof createSecrets>) {
  const kept = createLeanFetch({ freshConnections: false });
  const fresh = createLeanFetch({ freshConnections: true });
  function setUp(name: string, provider: ProviderConfig): ProviderSetup {
    const { apiKey, baseUrl, platformUrl } = provider;
    const clients = { fetch: kept.fetch, freshFetch: fresh.fetch };
    const adapter = createAdapter(name, { baseUrl, platformUrl, ...clients, now: systemClock.now });
    const base = reportBase(config, provider);
    return { apiKey, adapter, reportUrls: base === null ? null : createReportUrls({ base, secrets }) };
  }
  return {
    setups: new Map([...providerConfigs(config)].map(([name, provider]) => [name, setUp(name, provider)])),
    close: () => Promise.all([kept.close(), fresh.close()]),
  };
}

/** A provider the operator has pointed elsewhere (a simulator, a proxy) hands out its outputs there. */
function openGuard(config: Config) {
  const policy = urlPolicy(config);
  const providerOrigins = [...providerConfigs(config).values()].map(({ baseUrl }) => new URL(baseUrl).origin);
  return createGuardedFetch({ ...policy, allowedOrigins: new Set([...policy.allowedOrigins, ...providerOrigins]) });
}
