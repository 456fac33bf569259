/** Starts the API: reads the environment, connects, serves, and drains on a signal. */
import { once } from "node:events";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { PROVIDERS, SECRET_NAMES } from "@visgate/providers";
import { newRequestId } from "@visgate/shared/ids";
import { createFileUrls } from "@visgate/shared/outputs";
import { createDeliveryWaker, createProducer, MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { createLogger, createSecrets, openLogOutput, publicBase, urlPolicy, VERSION } from "@visgate/shared/runtime";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import {
  announceReady,
  createDrain,
  createShutdown,
  createVerdictHandler,
  loadOrExit,
  openOutputsOrExit,
  serveMetrics,
} from "@visgate/shared/runtime/process";
import {
  connectFailFast,
  connectSubscriber,
  createGate,
  createRedisClock,
  createStore,
  createSubscriber,
  inspectRedis,
  registerDefaultOrganization,
  untilReady,
} from "@visgate/shared/store";
import { systemClock } from "@visgate/shared/units";
import { createApp } from "./app.js";
import { createCacheMemory } from "./cache/find-in-cache.js";
import { createAccessLog } from "./http/access-log.js";
import { createApiServer } from "./http/server.js";
import { createMetrics, registerRedisGauges } from "./metrics.js";
import { createAccountReader, createReportVerifiers } from "./providers.js";
import { createWithdrawals } from "./use-cases/withdraw-requests.js";

const { config, catalogue } = loadOrExit(process.env, PROVIDERS);
const logging = {
  ...{ level: config.LOG_LEVEL, service: "api", secretNames: SECRET_NAMES },
  destination: openLogOutput(),
};
const log = createLogger(logging);
const shutdown = createShutdown((error) => log.error({ err: error }, "drain failed"));

const redis = connectFailFast(config.REDIS_URL);
const pollRedis = connectFailFast(config.REDIS_URL);
const subscriberRedis = connectSubscriber(config.REDIS_URL);
for (const connection of [redis, pollRedis, subscriberRedis]) {
  connection.on("error", (error: Error) => log.warn({ redis: error.message }, "redis"));
}
const gate = createGate(redis, createVerdictHandler(log, config.ALLOW_UNSAFE_REDIS));
const producer = createProducer({ redis, onError: (error) => log.warn({ queue: error.message }, "queue error") });
const store = createStore({
  redis,
  pollRedis,
  clock: systemClock,
  actor: `${hostname()}:${process.pid}`,
  cacheTtlSeconds: config.CACHE_TTL_SECONDS,
  unsettledSeconds: config.UNSETTLED_SECONDS,
  onDeliveries: createDeliveryWaker(producer, log),
});

const { providers } = config;
const lean = createLeanFetch({ freshConnections: false });
const clients = { fetch: lean.fetch, now: systemClock.now };
const metrics = createMetrics();
const queues = [...providers.keys(), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE];
registerRedisGauges(metrics, { store, producer, queues });

const secrets = createSecrets(config.VISGATE_SECRET);
const redisClock = createRedisClock(redis, () => performance.now());
const withdrawals = createWithdrawals({ store, producer, monotonicNow: () => performance.now(), log });
const base = publicBase(config);
const accessLog = createAccessLog({ ...logging, pid: process.pid, now: systemClock.now });
const outputs = await openOutputsOrExit(config, log);
const app = createApp({
  store,
  producer,
  subscriber: createSubscriber(subscriberRedis, store.keys),
  outputs: outputs.store,
  outputsHealth: outputs,
  fileUrls: createFileUrls({ base, secrets, retentionDays: config.RETENTION_DAYS }),
  secrets,
  catalogue,
  clock: systemClock,
  sleep: (ms) => sleep(ms),
  redisClock,
  withdrawals,
  newRequestId: () => newRequestId(Date.now()),
  log,
  askAccount: createAccountReader(providers, clients),
  reportVerifiers: createReportVerifiers(providers, clients),
  accessLog,
  metrics,
  cacheMemory: createCacheMemory(),
  settings: {
    version: VERSION,
    publicBase: base,
    syncWaitSeconds: config.SYNC_WAIT_SECONDS,
    urlPolicy: urlPolicy(config),
    copyOutputs: config.OUTPUT_STORE !== "off",
    unsettledSeconds: config.UNSETTLED_SECONDS,
    cacheIsShared: config.CACHE_SCOPE === "global",
    providers,
    trustedProxies: config.TRUSTED_PROXIES,
    exposeMetrics: config.METRICS_PORT === undefined,
  },
  isUnderPressure: gate.isUnderPressure,
  pingRedis: () => redis.ping(),
  inspectRedis: () => inspectRedis(redis, systemClock.now),
  draining: shutdown.draining,
});

const keepAliveMs = config.KEEP_ALIVE_SECONDS * 1000;
const server = createApiServer({ fetch: app.fetch, accessLog, keepAliveMs });
const drain = createDrain(server);
server.listen(config.PORT, config.HOST);
const metricsServer =
  config.METRICS_PORT === undefined
    ? null
    : await serveMetrics(metrics.registry, { host: config.HOST, port: config.METRICS_PORT, keepAliveMs });

shutdown.onShutdown(async () => {
  await Promise.all([drain(), metricsServer?.close()]);
  await withdrawals.settled();
  gate.close();
  outputs.close();
  redisClock.close();
  await producer.close();
  await lean.close();
  for (const connection of [redis, pollRedis, subscriberRedis]) connection.disconnect();
});

server.on("error", (error: Error) => {
  process.stderr.write(`Cannot listen on ${config.HOST}:${config.PORT}: ${error.message}\n`);
  process.exit(1);
});
redis.on("ready", registerKeys);
if (!server.listening) await once(server, "listening");
await untilReady(redis);
await registerKeys();
log.info({ url: base }, "listening");
announceReady(base);

async function registerKeys(): Promise<void> {
  await registerDefaultOrganization(store.apiKeys, config.VISGATE_API_KEY ?? null).catch((error) => {
    log.error({ err: error }, "the bootstrap key was not registered");
  });
}
