/** Starts a worker process: reads the environment, connects, takes jobs, and drains on a signal. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { PROVIDERS, SECRET_NAMES } from "@visgate/providers";
import { keepFewEvents, MAINTENANCE_QUEUE, runBullMqBy, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { acceptanceOf, createLogger, openLogOutput, VERSION } from "@visgate/shared/runtime";
import {
  announceReady,
  createQueueErrorHandler,
  createRightsReport,
  createShutdown,
  createVerdictHandler,
  loadOrExit,
  serveMetrics,
  watchRedis,
} from "@visgate/shared/runtime/process";
import {
  connectFailFast,
  connectPatient,
  createLeases,
  createWorkers,
  loadScripts,
  registerDefaultOrganization,
  untilReady,
  watchRights,
} from "@visgate/shared/store";
import { openTracing } from "@visgate/shared/tracing";
import { startConsumers } from "./consumers.js";
import { createIsolation } from "./isolation/isolation.js";
import { openDeps } from "./open-deps.js";
import type { RunningJobs } from "./queue-worker.js";
import { freeWorkOf } from "./upkeep/free-work.js";
import { countDeaths, createLostJobsFinder, createTakeOver, holdLease } from "./upkeep/locks.js";
import { wakeAfterSetBack } from "./upkeep/set-back.js";
import { tellFigures } from "./upkeep/tell.js";

// Whatever this process writes is only for its own user.
process.umask(0o077);

const { config, catalogue } = loadOrExit(process.env, PROVIDERS);
const log = createLogger({
  ...{ level: config.LOG_LEVEL, service: "worker", secretNames: SECRET_NAMES },
  destination: openLogOutput(),
});
const tracing = await openTracing(config, "visgate-worker", log);
const shutdown = createShutdown((error) => log.error({ err: error }, "drain failed"));
const leaseId = randomUUID();

const redis = connectPatient(config.REDIS_URL);
const watch = watchRedis(redis, {
  ...{ log, monotonicNow: () => performance.now(), ownNow: Date.now, ...acceptanceOf(config) },
  onVerdict: createVerdictHandler(log, config.ALLOW_UNSAFE_REDIS),
});
const { clock, gate, replicas } = watch;
const isolation = createIsolation({ entry: new URL("./isolation/main.js", import.meta.url), leaseId });
const opened = await openDeps({ config, catalogue, redis, gate, replicas, clock, log, tracing, leaseId, isolation });
const { deps } = opened;

await gate.untilWritable();
const { prefix } = deps.store.keys;
const rights = watchRights(redis, { prefix, ...acceptanceOf(config) }, createRightsReport(log));
await rights.granted();
await clock.untilKnown();
runBullMqBy(clock);
clock.onSetBack(() => void wakeAfterSetBack(deps, redis));
const baseQueues = [...deps.providers.keys(), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE];
await opened.shards.known;
const queues = () => baseQueues.flatMap((queue) => opened.shards.namesOf(queue));
await gate.untilTaken(async () => {
  await registerDefaultOrganization(deps.store, null, clock.now());
  await keepFewEvents(redis, queues());
});
opened.shards.onMore(() => void gate.untilTaken(() => keepFewEvents(redis, queues())).catch(gate.report));

// A separate connection: heartbeats do not wait behind other commands, nor 15 s for a dead link to be noticed, and they
// fail at once while Redis is unavailable.
const beatRedis = connectFailFast(config.REDIS_URL);
beatRedis.on("error", gate.report);
const onQueueError = createQueueErrorHandler(gate, log);
const freeing = { redis, outbox: deps.store.outbox, onError: onQueueError };
const takeOver = createTakeOver({
  queues,
  free: (dead, queue) =>
    gate.untilTaken(() =>
      freeWorkOf(dead, queue, {
        ...freeing,
        beforeFreeing: (refs) => countDeaths(deps, { leaseId: dead, queue }, refs),
      }),
    ),
  removeLease: deps.store.leases.remove,
  onTakenOver: (taken) =>
    log.warn({ lease: taken.lease, queue: taken.queue, jobs: taken.count }, "took over from a dead worker"),
  log,
});
const holder = createLeases(beatRedis, deps.store.keys, loadScripts(beatRedis)).holder(leaseId);
await untilReady(beatRedis); // a heartbeat before would fail and delay the start
const lease = await holdLease({ holder, onDead: takeOver, log });

const running: RunningJobs = new Map();
const findLostJobs = createLostJobsFinder({
  running,
  free: (queue, tokens) => gate.untilTaken(() => freeWorkOf(leaseId, queue, { ...freeing, running: tokens })),
  log,
});
gate.onWritable(findLostJobs);

const consumers = startConsumers(deps, {
  ...{ redis, gate, leaseId, running, log, shards: opened.shards },
  queues: baseQueues.filter((queue) => config.WORKER_QUEUES?.includes(queue) ?? true),
  concurrency: config.WORKER_CONCURRENCY,
  lockDurationMs: config.LOCK_DURATION_MS,
  now: clock.now,
  connectBlocking() {
    const blocking = connectPatient(config.REDIS_URL);
    blocking.on("error", gate.report);
    return blocking;
  },
});

const telling = tellFigures({
  ...{ workers: createWorkers(beatRedis, deps.store.keys), id: leaseId, shards: consumers.names, running },
  figures: { host: hostname(), version: VERSION, startedAt: clock.now() },
});

const metricsServer =
  config.METRICS_PORT === undefined
    ? null
    : await serveMetrics(deps.metrics.registry, {
        host: config.HOST,
        port: config.METRICS_PORT,
        keepAliveMs: config.KEEP_ALIVE_SECONDS * 1000,
      });

shutdown.onShutdown(async () => {
  await Promise.all([metricsServer?.close(), consumers.close()]);
  await Promise.all([telling.end(), lease.end()]);
  beatRedis.disconnect();
  watch.close();
  rights.close();
  await opened.close();
  redis.disconnect();
  await tracing.close();
});

await consumers.ready();
log.info({ queues: consumers.names() }, "taking jobs");
announceReady();
