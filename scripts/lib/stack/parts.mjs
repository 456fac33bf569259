/** The parts of a stack: starts and supervises each one. stack.mjs combines them. */
import { join } from "node:path";
import { freePort, portNear, untilPortFree } from "../processes/ports.mjs";
import { STOP_ORDER } from "../processes/process-group.mjs";
import { startService } from "../processes/services.mjs";
import { supervise } from "../processes/supervise.mjs";
import { simulatedEnv, splitProviders } from "./providers.mjs";
import { findRedisServer, startRedis } from "./redis.mjs";

/**
 * What every part needs. `state` is launcher.json, `entries` the built programs.
 * @typedef {{
 *   dataDir: string, logDir: string, state: import("./launcher-state.mjs").LauncherState, restart: boolean,
 *   group: ReturnType<typeof import("../processes/process-group.mjs").createProcessGroup>,
 *   report: import("../progress.mjs").Report, entries: typeof import("../paths.mjs").ENTRIES,
 * }} Context
 */

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** The URL under which a program on this machine reaches the server. @param {string} host @param {number} port */
export function urlOf(host, port) {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

/**
 * One port for each API: consecutive ports from `port`, or free ports for 0.
 * @param {{ host: string, port: number, apis: number, timeoutMs: number }} options `timeoutMs`: how long to wait for a port in use
 * @returns {Promise<number[]>}
 */
export async function apiPorts({ host, port, apis, timeoutMs }) {
  /** @type {Set<number>} */
  const ports = new Set();
  while (ports.size < apis) ports.add(port === 0 ? await freePort(host) : port + ports.size);
  if (port !== 0) for (const each of ports) await untilPortFree({ host, port: each, timeoutMs });
  return [...ports];
}

/**
 * Redis keeps its port in later starts and restarts, so that its clients just reconnect.
 * @param {Context} context
 * @param {{ binary?: string | undefined, conf?: Record<string, string> | undefined }} options
 */
export async function superviseRedis({ dataDir, logDir, state, restart, group, report }, { binary, conf = {} }) {
  const program = binary ?? (await findRedisServer({ install: false }));
  const port = await portNear(state.redisPort);
  state.redisPort = port;
  const options = { binary: program, dir: join(dataDir, "redis"), password: state.redisPassword, port, conf };
  const logFile = join(logDir, "redis.log");
  const onSpawn = (/** @type {import("../processes/processes.mjs").Owned} */ owned) =>
    group.add(owned, STOP_ORDER.redis);
  const start = () => startRedis({ ...options, logFile, onSpawn });
  return supervise({ name: "redis", start, closing: group.closing, restart, report });
}

/**
 * @param {Context} context
 * @param {{ name: string, entry: string, env: Record<string, string>, stopOrder?: number }} options
 */
export function superviseService(
  { logDir, restart, group, report },
  { name, entry, env, stopOrder = STOP_ORDER.service },
) {
  const logFile = join(logDir, `${name}.log`);
  const start = async () => {
    const service = startService({ name, entry, env, logFile, onSpawn: (owned) => group.add(owned, stopOrder) });
    await service.ready;
    return service;
  };
  return supervise({ name, start, closing: group.closing, restart, report });
}

/** The port on which the examples receive webhooks. */
const RECEIVER_PORT = 8788;

/**
 * The only private address to which a local stack may send webhooks. The demo and the examples listen there.
 * @param {Context} context
 * @param {{ host: string, ports: number[], anyPort: boolean }} api `anyPort`: the stack has no usual ports either
 * @returns {Promise<string | undefined>} an origin; undefined when other machines can reach the API
 */
export async function reserveReceiver({ state }, { host, ports, anyPort }) {
  if (!LOOPBACK.has(host)) return undefined;
  const usual = anyPort || ports.includes(RECEIVER_PORT) ? undefined : RECEIVER_PORT;
  state.receiverPort = await portNear(state.receiverPort ?? usual);
  return urlOf("127.0.0.1", state.receiverPort);
}

/** @param {Context} context @param {{ base: Record<string, string>, config: Record<string, string> }} env */
async function startSimulator(context, { base, config }) {
  const port = await portNear(context.state.simulatorPort);
  context.state.simulatorPort = port;
  const own = Object.entries(config).filter(([name]) => /^(PUBLIC_)?SIMULATOR_|^LOG_LEVEL$/.test(name));
  const env = {
    ...base,
    SIMULATOR_DATA_DIR: join(context.dataDir, "simulator"),
    ...Object.fromEntries(own),
    SIMULATOR_HOST: "127.0.0.1",
    SIMULATOR_PORT: String(port),
  };
  const entry = context.entries.simulator;
  const handle = await superviseService(context, { name: "simulator", entry, env, stopOrder: STOP_ORDER.simulator });
  return { handle, url: urlOf("127.0.0.1", port) };
}

/**
 * Points every provider without a key or base URL to the simulator, and starts a simulator unless one runs already.
 * @param {Context} context
 * @param {{ base: Record<string, string>, config: Record<string, string>, simulatorUrl?: string | undefined }} options
 */
export async function setUpProviders(context, { base, config, simulatorUrl }) {
  const { simulated, real } = splitProviders(config);
  const wanted = simulated.length > 0;
  const own = wanted && !simulatorUrl ? await startSimulator(context, { base, config }) : undefined;
  const url = wanted ? (simulatorUrl ?? own?.url ?? "") : undefined;
  // Callers with their own simulator name its providers in SIMULATED_PROVIDERS.
  const named = config["SIMULATED_PROVIDERS"]?.split(",").map((name) => name.trim()) ?? [];
  const names = [...new Set([...simulated.map((provider) => provider.name), ...named])];
  return {
    simulator: own?.handle,
    simulatorUrl: url,
    simulated: names,
    real: real.map((provider) => provider.name).filter((name) => !names.includes(name)),
    env: { ...simulatedEnv(simulated, url ?? ""), SIMULATED_PROVIDERS: names.join(",") },
  };
}
