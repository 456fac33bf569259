/** A whole stack (Redis, simulator, APIs, workers) as one object: what `npm start`, the demo, tests and benches run. */
import { join } from "node:path";
import { ensurePrivateDir } from "../files.mjs";
import { ENTRIES, inRoot } from "../paths.mjs";
import { createProcessGroup } from "../processes/process-group.mjs";
import { commandLineOf, eventually } from "../processes/processes.mjs";
import { serviceEnv } from "../processes/services.mjs";
import { silent } from "../progress.mjs";
import { lockDataDir } from "./data-dir-lock.mjs";
import { loadLauncherState, saveLauncherState } from "./launcher-state.mjs";
import { apiPorts, reserveReceiver, setUpProviders, superviseRedis, superviseService, urlOf } from "./parts.mjs";
import { endLeftoverRedis } from "./redis.mjs";

/** The longest time that services drain after their launcher was killed. */
const DRAIN_TIMEOUT_MS = 12_000;

/**
 * `env` is the whole configuration of the services: from this process's own environment they get only PATH, HOME and
 * the like. `port` 0 takes free ports; the n-th API takes port + n - 1. `redis` is a running server; without it the
 * program `redisServer`, or the one on PATH, is started, and `redisConf` overrides deploy/redis.conf. `simulatorUrl` is
 * a running simulator. With `restart: false` a process that ends is not restarted. `signal` aborts the start.
 * @typedef {{
 *   dataDir: string, env?: Record<string, string | undefined>, host?: string, port?: number, apis?: number,
 *   workers?: number, redis?: { url: string } | undefined, redisServer?: string | undefined,
 *   redisConf?: Record<string, string>, simulatorUrl?: string | undefined, restart?: boolean,
 *   report?: import("../progress.mjs").Report, signal?: AbortSignal | undefined, entries?: typeof ENTRIES,
 * }} StackOptions
 * @typedef {import("../processes/services.mjs").Service} Service
 * @typedef {import("../processes/supervise.mjs").Supervised<Service>} SupervisedService
 * @typedef {Awaited<ReturnType<typeof startStack>>} Stack
 */

/**
 * Resolves when every part is ready; when it rejects, every started process has ended.
 * @param {StackOptions} options
 */
export async function startStack(options) {
  const dataDir = inRoot(options.dataDir);
  const lock = lockDataDir(dataDir);
  const group = createProcessGroup((children) => lock.update({ children }));
  const stop = async () => {
    await group.stop();
    lock.release();
  };
  const onAbort = () => void stop();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const context = contextOf(options, { dataDir, group });
    await endLeftovers(lock.leftoverPids, context);
    const timeoutMs = lock.leftoverPids.length > 0 ? DRAIN_TIMEOUT_MS : 0;
    const parts = await assemble(options, context, timeoutMs);
    const { baseUrl, apiKey, receiverOrigin, simulatorUrl, simulated, logDir } = parts;
    lock.update({ baseUrl, apiKey, receiverOrigin, simulatorUrl, simulated, logDir });
    return { ...parts, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * @param {StackOptions} options
 * @param {{ dataDir: string, group: import("./parts.mjs").Context["group"] }} own
 * @returns {import("./parts.mjs").Context}
 */
function contextOf({ restart = true, report = silent, entries = ENTRIES }, { dataDir, group }) {
  const logDir = join(dataDir, "logs");
  ensurePrivateDir(logDir);
  return { dataDir, logDir, state: loadLauncherState(dataDir), restart, group, report, entries };
}

/**
 * Ends the processes of a killed launcher. Its services drain by themselves and need its Redis for that, so Redis ends
 * last.
 * @param {number[]} pids
 * @param {import("./parts.mjs").Context} context
 */
async function endLeftovers(pids, { dataDir, report, entries }) {
  const ours = Object.values(entries);
  const gone = () => !pids.some((pid) => ours.some((entry) => commandLineOf(pid)?.includes(entry)));
  if (!gone()) {
    const title = "Waiting for the services of a killed launcher to end";
    await report.step(title, () => eventually(gone, DRAIN_TIMEOUT_MS));
  }
  if (await endLeftoverRedis(join(dataDir, "redis"))) report.line("Ended the Redis of a killed launcher");
}

/**
 * @param {StackOptions} options @param {import("./parts.mjs").Context} context
 * @param {number} timeoutMs the wait for ports in use
 */
async function assemble(options, context, timeoutMs) {
  const { host = "127.0.0.1", port = 0, apis = 1, workers = 1, simulatorUrl, report = silent } = options;
  const { base, config } = serviceEnv(options.env ?? {});
  const ports = await apiPorts({ host, port, apis, timeoutMs });
  const [redis, providers] = await report.step("Preparing Redis and the providers", () =>
    Promise.all([startRedisUnlessGiven(options, context), setUpProviders(context, { base, config, simulatorUrl })]),
  );
  const receiverOrigin = await reserveReceiver(context, { host, ports, anyPort: port === 0 });
  saveLauncherState(context.dataDir, context.state);

  const redisUrl = options.redis?.url ?? redis?.current.url ?? "";
  const keys = { VISGATE_API_KEY: context.state.apiKey, VISGATE_SECRET: context.state.secret };
  const place = { HOST: host, PORT: String(ports[0]), REDIS_URL: redisUrl, DATA_DIR: context.dataDir };
  const origins = [config["ALLOWED_PRIVATE_ORIGINS"], receiverOrigin].filter(Boolean).join(",");
  const env = { ...keys, ...base, ...config, ...providers.env, ...place, ALLOWED_PRIVATE_ORIGINS: origins };
  const services = createServices(context, env);
  await report.step("Starting the API and the workers", () =>
    Promise.all([
      ...ports.map((each) => services.addApi(each)),
      ...Array.from({ length: workers }, () => services.addWorker()),
    ]),
  );
  const { env: _env, ...rest } = providers;
  const { dataDir, logDir } = context;
  const baseUrls = ports.map((each) => urlOf(host, each));
  const baseUrl = urlOf(host, ports[0] ?? 0);
  return {
    ...rest,
    ...services,
    ...{ baseUrl, baseUrls, receiverOrigin, redis, redisUrl, dataDir, logDir },
    apiKey: env.VISGATE_API_KEY,
    secret: env.VISGATE_SECRET,
  };
}

/** @param {StackOptions} options @param {import("./parts.mjs").Context} context */
async function startRedisUnlessGiven({ redis, redisServer, redisConf }, context) {
  return redis ? undefined : superviseRedis(context, { binary: redisServer, conf: redisConf });
}

/** @param {import("./parts.mjs").Context} context @param {Record<string, string>} env */
function createServices(context, env) {
  /** @type {SupervisedService[]} */
  const apis = [];
  /** @type {SupervisedService[]} */
  const workers = [];
  let started = { api: 0, worker: 0 };
  let metricsPort = Number(env["METRICS_PORT"]);
  const ownMetrics = () => (metricsPort > 0 ? { METRICS_PORT: String(metricsPort++) } : {});

  const addApi = async (/** @type {number} */ port, /** @type {Record<string, string>} */ extra = {}) => {
    started = { ...started, api: started.api + 1 };
    const name = started.api === 1 ? "api" : `api-${started.api}`;
    const own = { PORT: String(port), ...ownMetrics(), ...extra };
    apis.push(await superviseService(context, { name, entry: context.entries.api, env: { ...env, ...own } }));
  };
  /**
   * Starts one more worker and resolves when it is ready.
   * @param {Record<string, string>} [extra] additional variables
   */
  const addWorker = async (extra = {}) => {
    started = { ...started, worker: started.worker + 1 };
    const own = { ...ownMetrics(), ...extra };
    const options = { name: `worker-${started.worker}`, entry: context.entries.worker, env: { ...env, ...own } };
    const worker = await superviseService(context, options);
    workers.push(worker);
    return worker;
  };
  return { apis, workers, addApi, addWorker };
}
