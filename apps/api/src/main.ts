/** Starts the API: reads the environment, connects, serves, and drains on a signal. */
import { once } from "node:events";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { PROVIDERS, SECRET_NAMES } from "@visgate/providers";
import { newRequestId } from "@visgate/shared/ids";
import { createFileUrls } from "@visgate/shared/outputs";
import {
  createDeliveryWaker,
  createProducer,
  MAINTENANCE_QUEUE,
  WEBHOOKS_QUEUE,
  watchShards,
} from "@visgate/shared/queue";
import {
  acceptanceOf,
  createLogger,
  createSecrets,
  openLogOutput,
  publicBase,
  urlPolicy,
  VERSION,
} from "@visgate/shared/runtime";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import {
  announceReady,
  createDrain,
  createQueueErrorHandler,
  createRightsReport,
  createShutdown,
  createVerdictHandler,
  loadOrExit,
  openOutputsOrExit,
  serveMetrics,
  watchRedis,
} from "@visgate/shared/runtime/process";
import {
  connectFailFast,
  connectReader,
  connectSubscriber,
  createStore,
  createSubscriber,
  inspectRedis,
  openKeyWatch,
  registerDefaultOrganization,
  watchRights,
} from "@visgate/shared/store";
import { openTracing, traceFetch } from "@visgate/shared/tracing";
import { systemClock } from "@visgate/shared/units";
import { createApi } from "./app.js";
import { createCacheMemory } from "./cache/find-in-cache.js";
import { cachingDialectsOrExit } from "./dialects/index.js";
import { createAccessLog } from "./http/access-log.js";
import { createApiServer } from "./http/server.js";
import { createImageConverter } from "./images/converter.js";
import { createMetrics, registerRedisGauges } from "./metrics.js";
import { createAccountReader, createPriceReader, createReportVerifiers } from "./providers.js";
import { registerKeys } from "./register-keys.js";
import { createStoredKeys } from "./stored-keys.js";
import { createWithdrawals } from "./use-cases/withdraw-requests.js";

/**
 * A load balancer sends calls as soon as it can connect, so the server listens when it can accept them. While Redis is
 * away it listens after this time, so that health says why nothing is accepted.
 */
const LISTEN_WITHIN_MS = 2000;

// Whatever this process writes is only for its own user.
process.umask(0o077);

const { config, catalogue } = loadOrExit(process.env, PROVIDERS);
const cachingDialects = cachingDialectsOrExit(config.CACHING_DIALECTS);
const logging = {
  ...{ level: config.LOG_LEVEL, service: "api", secretNames: SECRET_NAMES },
  destination: openLogOutput(),
};
const log = createLogger(logging);
const tracing = await openTracing(config, "visgate-api", log);
const shutdown = createShutdown((error) => log.error({ err: error }, "drain failed"));

const redis = connectFailFast(config.REDIS_URL);
const pollRedis = connectReader(config.REDIS_URL);
const subscriberRedis = connectSubscriber(config.REDIS_URL);
const watch = watchRedis(redis, {
  ...{ log, monotonicNow: () => performance.now(), ownNow: systemClock.now, ...acceptanceOf(config) },
  onVerdict: createVerdictHandler(log, config.ALLOW_UNSAFE_REDIS),
});
const { clock, gate } = watch;
for (const connection of [pollRedis, subscriberRedis]) connection.on("error", gate.report);
const { keyWatch, close: closeKeyWatch } = openKeyWatch(config.REDIS_URL, pollRedis, gate.report);
const shards = watchShards({ redis, own: config.QUEUE_SHARDS, clock, onError: gate.report });
const producer = createProducer({ redis, shards, onError: createQueueErrorHandler(gate, log) });
const store = createStore({
  redis,
  pollRedis,
  keyWatch,
  clock,
  actor: `${hostname()}:${process.pid}`,
  cacheTtlSeconds: config.CACHE_TTL_SECONDS,
  unsettledSeconds: config.UNSETTLED_SECONDS,
  unknownHoldMs: config.UNKNOWN_HOLD_DAYS * 86_400_000,
  replicas: watch.replicas,
  showsLasting: true,
  onDeliveries: createDeliveryWaker(producer, log),
  shards,
});

const register = () => registerDefaultOrganization(store, config.VISGATE_API_KEY ?? null, clock.now());
const keys = registerKeys({ gate, register, log });
redis.on("ready", keys.begin);

const { providers } = config;
const lean = createLeanFetch({ freshConnections: false });
const fetch = traceFetch(tracing, lean.fetch, config.TRACEPARENT_TO_PROVIDERS);
const clients = { fetch, now: clock.now };
const metrics = createMetrics();
const queues = [...providers.keys(), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE];
registerRedisGauges(metrics, { store, producer, queues });

const secrets = createSecrets(...config.VISGATE_SECRET);
const { prefix } = store.keys;
const rights = watchRights(redis, { prefix, ...acceptanceOf(config) }, createRightsReport(log));
const withdrawals = createWithdrawals({ store, producer, monotonicNow: () => performance.now(), log });
const base = publicBase(config);
const accessLog = createAccessLog({ ...logging, pid: process.pid, now: systemClock.now });
const outputs = await openOutputsOrExit(config, log);
const { app, hotRoutes, longUploads } = createApi({
  store,
  producer,
  subscriber: createSubscriber(subscriberRedis, store.keys),
  outputs: outputs.store,
  outputsHealth: outputs,
  fileUrls: createFileUrls({ base, secrets, retentionDays: config.RETENTION_DAYS }),
  secrets,
  catalogue,
  clock,
  sleep: (ms) => sleep(ms),
  redisClock: clock,
  ownClock: systemClock,
  withdrawals,
  newRequestId: () => newRequestId(clock.now()),
  images: createImageConverter(),
  log,
  askAccount: createAccountReader(providers, clients),
  askPrices: createPriceReader(providers, clients),
  reportVerifiers: createReportVerifiers(providers, clients),
  accessLog,
  tracing,
  metrics,
  cacheMemory: createCacheMemory(),
  storedKeys: createStoredKeys(store.providerKeys, clock),
  settings: {
    version: VERSION,
    publicBase: base,
    syncWaitSeconds: config.SYNC_WAIT_SECONDS,
    urlPolicy: urlPolicy(config),
    copyOutputs: config.OUTPUT_STORE !== "off",
    s3UrlSeconds: config.S3_URL_SECONDS,
    needsReplicas: config.ACCEPT_REPLICAS > 0,
    needsDisks: config.ACCEPT_REPLICAS_ON_DISK,
    unsettledSeconds: config.UNSETTLED_SECONDS,
    cacheIsShared: config.CACHE_SCOPE === "global",
    cachingDialects,
    providers,
    adminKey: config.VISGATE_ADMIN_KEY ?? null,
    trustedProxies: config.TRUSTED_PROXIES,
    hidePrompts: config.HIDE_PROMPTS,
    exposeMetrics: config.METRICS_PORT === undefined,
  },
  gate,
  missingRights: rights.refusal,
  areKeysRegistered: keys.isDone,
  pingRedis: () => redis.ping(),
  inspectRedis: () => inspectRedis(redis, systemClock.now),
  draining: shutdown.draining,
});

const keepAliveMs = config.KEEP_ALIVE_SECONDS * 1000;
const server = createApiServer({ fetch: app.fetch, hotRoutes, longUploads, accessLog, keepAliveMs });
const drain = createDrain(server);
const metricsServer =
  config.METRICS_PORT === undefined
    ? null
    : await serveMetrics(metrics.registry, { host: config.HOST, port: config.METRICS_PORT, keepAliveMs });

shutdown.onShutdown(async () => {
  await Promise.all([drain(), metricsServer?.close()]);
  await Promise.all([withdrawals.settled(), store.outbox.pushed()]);
  watch.close();
  keys.close();
  rights.close();
  outputs.close();
  shards.close();
  await producer.close();
  await lean.close();
  closeKeyWatch();
  for (const connection of [redis, pollRedis, subscriberRedis]) connection.disconnect();
  await tracing.close();
});

server.on("error", (error: Error) => {
  process.stderr.write(`Cannot listen on ${config.HOST}:${config.PORT}: ${error.message}\n`);
  process.exit(1);
});
const ready = Promise.all([keys.done, clock.untilKnown()]);
await Promise.race([ready, sleep(LISTEN_WITHIN_MS)]);
if (!shutdown.draining.aborted) server.listen(config.PORT, config.HOST);
if (!server.listening) await once(server, "listening");
await ready;
log.info({ url: base }, "listening");
announceReady(base);
