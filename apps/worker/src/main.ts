/** Starts a worker process: reads the environment, connects, takes jobs, drains. */
import { randomUUID } from "node:crypto";
import { systemClock } from "@visgate/shared/domain/clock";
import { createLogger, openLogOutput } from "@visgate/shared/log";
import { announceReady, createShutdown } from "@visgate/shared/process/lifecycle";
import { loadCatalogueOrExit, loadConfigOrExit } from "@visgate/shared/process/load-config";
import { serveMetrics } from "@visgate/shared/process/metrics-server";
import { createVerdictHandler } from "@visgate/shared/process/redis-guard";
import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue/names";
import { freeJobsOf } from "@visgate/shared/queue/take-over";
import { registerDefaultOrganization } from "@visgate/shared/store/api-keys";
import { connectFailFast, connectPatient, untilReady } from "@visgate/shared/store/connection";
import { createGate } from "@visgate/shared/store/gate";
import { createLeases } from "@visgate/shared/store/leases";
import { loadScripts } from "@visgate/shared/store/scripts";
import { advanceRequest } from "./advance-request.js";
import { type ConsumeOptions, consume, type RunningJobs } from "./consume.js";
import { countDeaths } from "./count-deaths.js";
import { deliver } from "./deliver.js";
import { createLostJobsFinder } from "./find-lost-jobs.js";
import { holdLease } from "./hold-lease.js";
import { createIsolation } from "./isolation.js";
import { maintain } from "./maintain.js";
import { openDeps } from "./open-deps.js";
import { createTakeOver } from "./take-over.js";

const config = loadConfigOrExit(process.env);
const catalogue = loadCatalogueOrExit(config);
const log = createLogger({ level: config.LOG_LEVEL, service: "worker", destination: openLogOutput() });
const shutdown = createShutdown((error) => log.error({ err: error }, "drain failed"));
const leaseId = randomUUID();

const redis = connectPatient(config.REDIS_URL);
redis.on("error", (error: Error) => log.warn({ redis: error.message }, "redis"));
const gate = createGate(redis, createVerdictHandler(log, config.ALLOW_UNSAFE_REDIS));
const isolation = createIsolation({ entry: new URL("./isolated/main.js", import.meta.url), leaseId });
const opened = await openDeps({ config, catalogue, redis, log, leaseId, isolation });
const { deps } = opened;

await untilReady(redis);
await registerDefaultOrganization(deps.store.apiKeys, null);

// A separate connection: heartbeats do not queue behind other commands, do not wait 15 s until a dead link is noticed,
// and fail at once while Redis is away.
const beatRedis = connectFailFast(config.REDIS_URL);
beatRedis.on("error", () => {}); // the other connection reports it
const onQueueError = (error: Error) => log.warn({ queue: error.message }, "queue");
const takeOver = createTakeOver({
  queues: [...deps.providers.keys(), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE],
  free: (gone, queue) =>
    freeJobsOf(gone, queue, {
      ...{ redis, onError: onQueueError },
      beforeFreeing: (refs) => countDeaths(deps, { leaseId: gone, queue }, refs),
    }),
  bury: deps.store.leases.bury,
  onTakenOver: (taken) =>
    log.warn({ lease: taken.lease, queue: taken.queue, jobs: taken.count }, "took over from a dead worker"),
  log,
});
const holder = createLeases(beatRedis, deps.store.keys, loadScripts(beatRedis)).holder(leaseId);
await untilReady(beatRedis); // a beat before would fail and put off the start
const lease = await holdLease({ holder, onDead: takeOver, log });

const running: RunningJobs = new Map();
const findLostJobs = createLostJobsFinder({
  running,
  free: (queue, tokens) => freeJobsOf(leaseId, queue, { redis, running: tokens, onError: onQueueError }),
  log,
});
redis.on("ready", findLostJobs);

const options: ConsumeOptions = {
  redis,
  concurrency: config.WORKER_CONCURRENCY,
  lockDurationMs: config.LOCK_DURATION_MS,
  leaseId,
  running,
  now: systemClock.now,
  log,
};
const wanted = (queue: string) => config.WORKER_QUEUES?.includes(queue) ?? true;
const workers = [...deps.providers.keys()]
  .filter(wanted)
  .map((queue) => consume(queue, (ref, signal) => advanceRequest(deps, ref, signal), options));
if (wanted(WEBHOOKS_QUEUE)) workers.push(consume(WEBHOOKS_QUEUE, (ref) => deliver(deps, ref), options));
if (wanted(MAINTENANCE_QUEUE)) workers.push(maintain(deps, options));

const metricsServer =
  config.METRICS_PORT === undefined
    ? null
    : await serveMetrics(deps.metrics.registry, { host: config.HOST, port: config.METRICS_PORT });

shutdown.onShutdown(async () => {
  await Promise.all([metricsServer?.close(), ...workers.map((worker) => worker.close())]);
  await lease.end();
  beatRedis.disconnect();
  gate.close();
  await opened.close();
  redis.disconnect();
});

await Promise.all(workers.map((worker) => worker.waitUntilReady()));
log.info({ queues: workers.map((worker) => worker.name) }, "taking jobs");
announceReady();
