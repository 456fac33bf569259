/** Starts a worker process: reads the environment, connects, takes jobs, drains. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createAdapter } from "@visgate/providers";
import { type ProviderConfig, providerConfigs, publicBase, reportBase, urlPolicy } from "@visgate/shared/config";
import { systemClock } from "@visgate/shared/domain/clock";
import { RETRY_SECONDS } from "@visgate/shared/domain/delivery";
import { createLogger, openLogOutput } from "@visgate/shared/log";
import { createGuardedFetch } from "@visgate/shared/net/guard";
import { createLeanFetch } from "@visgate/shared/net/lean-fetch";
import { createFileUrls } from "@visgate/shared/outputs/file-urls";
import { announceReady, createShutdown } from "@visgate/shared/process/lifecycle";
import { loadCatalogueOrExit, loadConfigOrExit } from "@visgate/shared/process/load-config";
import { serveMetrics } from "@visgate/shared/process/metrics-server";
import { openOutputsOrExit } from "@visgate/shared/process/open-outputs";
import { createVerdictHandler } from "@visgate/shared/process/redis-guard";
import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue/names";
import { createProducer } from "@visgate/shared/queue/producer";
import { freeJobsOf } from "@visgate/shared/queue/take-over";
import { createDeliveryWaker } from "@visgate/shared/queue/wake-deliveries";
import { createReportUrls } from "@visgate/shared/report-urls";
import { createSecrets } from "@visgate/shared/secrets";
import { registerDefaultOrganization } from "@visgate/shared/store/api-keys";
import { connectFailFast, connectPatient, untilReady } from "@visgate/shared/store/connection";
import { createGate } from "@visgate/shared/store/gate";
import { createLeases } from "@visgate/shared/store/leases";
import { loadScripts } from "@visgate/shared/store/scripts";
import { createStore } from "@visgate/shared/store/store";
import { advanceRequest } from "./advance-request.js";
import { type ConsumeOptions, consume } from "./consume.js";
import { deliver } from "./deliver.js";
import type { Deps, ProviderSetup } from "./deps.js";
import { holdLease } from "./hold-lease.js";
import { maintain } from "./maintain.js";
import { createMetrics } from "./metrics.js";
import { createReceiverSlots } from "./receiver-slots.js";
import { createTakeOver } from "./take-over.js";
import { watchLoad } from "./watch-load.js";

const config = loadConfigOrExit(process.env);
const catalogue = loadCatalogueOrExit(config);
const log = createLogger({ level: config.LOG_LEVEL, service: "worker", destination: openLogOutput() });
const shutdown = createShutdown((error) => log.error({ err: error }, "drain failed"));

const redis = connectPatient(config.REDIS_URL);
redis.on("error", (error: Error) => log.warn({ redis: error.message }, "redis"));
const gate = createGate(redis, createVerdictHandler(log, config.ALLOW_UNSAFE_REDIS));
const actor = `${hostname()}:${process.pid}`;
const leaseId = randomUUID();
const onQueueError = (error: Error) => log.warn({ queue: error.message }, "queue");
const producer = createProducer({ redis, onError: onQueueError });
const store = createStore({
  redis,
  clock: systemClock,
  actor,
  cacheTtlSeconds: config.CACHE_TTL_SECONDS,
  onDeliveries: createDeliveryWaker(producer, log),
});
const providers = providerConfigs(config);
const secrets = createSecrets(config.VISGATE_SECRET);
const metrics = createMetrics();
const policy = urlPolicy(config);
// A provider the operator has pointed elsewhere (a simulator, a proxy) hands out its outputs there.
const providerOrigins = [...providers.values()].map(({ baseUrl }) => new URL(baseUrl).origin);
const guarded = createGuardedFetch({
  ...policy,
  allowedOrigins: new Set([...policy.allowedOrigins, ...providerOrigins]),
});

const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });

const load = watchLoad([...providers.keys()], producer);

function setUp(name: string, provider: ProviderConfig): ProviderSetup {
  const { apiKey, baseUrl } = provider;
  const adapter = createAdapter(name, { baseUrl, fetch: kept.fetch, freshFetch: fresh.fetch, now: systemClock.now });
  const base = reportBase(config, provider);
  return { apiKey, adapter, reportUrls: base === null ? null : createReportUrls({ base, secrets }) };
}

const deps: Deps = {
  store,
  producer,
  outputs: await openOutputsOrExit(config, log),
  fileUrls: createFileUrls({ base: publicBase(config), secrets, retentionDays: config.RETENTION_DAYS }),
  secrets,
  catalogue,
  providers: new Map([...providers].map(([name, provider]) => [name, setUp(name, provider)])),
  inFlight: load.inFlight,
  guardedFetch: guarded.fetch,
  receiverSlots: createReceiverSlots({
    capacity: config.WORKER_CONCURRENCY,
    monotonicNow: () => performance.now(),
    random: Math.random,
  }),
  clock: systemClock,
  leaseId,
  isGone: store.leases.isGone,
  newToken: randomUUID,
  random: Math.random,
  log,
  metrics,
  settings: {
    actor,
    cacheTtlSeconds: config.CACHE_TTL_SECONDS,
    cacheIsShared: config.CACHE_SCOPE === "global",
    submitTimeoutMs: config.SUBMIT_TIMEOUT_MS,
    maxOutputBytes: config.MAX_OUTPUT_BYTES,
    retentionDays: config.RETENTION_DAYS,
    disableAfterMs: config.WEBHOOK_DISABLE_AFTER_SECONDS * 1000,
    webhookRetrySeconds: config.WEBHOOK_RETRY_SECONDS ?? RETRY_SECONDS,
  },
};

await untilReady(redis);
await registerDefaultOrganization(store.apiKeys, null);

// A connection of its own: beats neither queue behind other commands nor wait 15 s for a dead link to be noticed, and
// while Redis is away they fail instead of piling up.
const beatRedis = connectFailFast(config.REDIS_URL);
beatRedis.on("error", () => {}); // the other connection reports it
const takeOver = createTakeOver({
  queues: [...providers.keys(), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE],
  free: (gone, queue) => freeJobsOf(gone, queue, { redis, onError: onQueueError }),
  bury: store.leases.bury,
  onTakenOver: ({ lease, queue, count }) =>
    log.warn({ lease, queue, jobs: count }, "took over from a worker that is gone"),
  log,
});
const holder = createLeases(beatRedis, store.keys, loadScripts(beatRedis)).holder(leaseId);
await untilReady(beatRedis); // a beat before would fail and put off the start
const lease = await holdLease({ holder, onDead: takeOver, log });

const options: ConsumeOptions = {
  redis,
  concurrency: config.WORKER_CONCURRENCY,
  lockDurationMs: config.LOCK_DURATION_MS,
  leaseId,
  now: systemClock.now,
  log,
};
const wanted = (queue: string) => config.WORKER_QUEUES?.includes(queue) ?? true;
const workers = [...providers.keys()]
  .filter(wanted)
  .map((queue) => consume(queue, (ref, signal) => advanceRequest(deps, ref, signal), options));
if (wanted(WEBHOOKS_QUEUE)) workers.push(consume(WEBHOOKS_QUEUE, (ref) => deliver(deps, ref), options));
if (wanted(MAINTENANCE_QUEUE)) workers.push(maintain(deps, options));

const metricsServer =
  config.METRICS_PORT === undefined
    ? null
    : await serveMetrics(metrics.registry, { host: config.HOST, port: config.METRICS_PORT });

shutdown.onShutdown(async () => {
  metricsServer?.close();
  await Promise.all(workers.map((worker) => worker.close()));
  await lease.end();
  beatRedis.disconnect();
  gate.close();
  load.close();
  await deps.producer.close();
  await Promise.all([guarded.close(), kept.close(), fresh.close()]);
  redis.disconnect();
});

await Promise.all(workers.map((worker) => worker.waitUntilReady()));
log.info({ queues: workers.map((worker) => worker.name) }, "taking jobs");
announceReady();
