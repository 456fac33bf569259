/** The parts of a stack, each started and watched; stack.mjs puts them together. */
import { join } from "node:path";
import { freePort, portNear, untilPortFree } from "../processes/ports.mjs";
import { RANK } from "../processes/process-group.mjs";
import { startService } from "../processes/services.mjs";
import { supervise } from "../processes/supervise.mjs";
import { simulatedEnv, splitProviders } from "./providers.mjs";
import { findRedisServer, startRedis } from "./redis.mjs";

/**
 * What every part needs.
 * @typedef {{
 *   dataDir: string, logDir: string, kept: import("./secrets.mjs").Kept, restart: boolean,
 *   family: ReturnType<typeof import("../processes/process-group.mjs").createProcessGroup>,
 *   report: import("../progress.mjs").Report, entries: typeof import("../paths.mjs").ENTRIES,
 * }} Context
 */

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** @param {string} host @param {number} port an address that a program on this machine can call */
export function urlOf(host, port) {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

/**
 * One port per API: consecutive ones from `port`, or free ones for 0.
 * @param {{ host: string, port: number, apis: number, timeoutMs: number }} options how long to wait for a taken one
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
 * Keeps its port over starts and restarts, so that everything else just reconnects.
 * @param {Context} context
 * @param {{ binary?: string | undefined, conf?: Record<string, string> | undefined }} options
 */
export async function superviseRedis({ dataDir, logDir, kept, restart, family, report }, { binary, conf = {} }) {
  const program = binary ?? (await findRedisServer({ install: false }));
  const port = await portNear(kept.redisPort);
  kept.redisPort = port;
  const options = { binary: program, dir: join(dataDir, "redis"), password: kept.redisPassword, port, conf };
  const start = () => startRedis({ ...options, logFile: join(logDir, "redis.log"), onSpawn: family.adopt(RANK.redis) });
  return supervise({ name: "redis", start, closing: family.closing, restart, report });
}

/**
 * @param {Context} context
 * @param {{ name: string, entry: string, env: Record<string, string>, rank?: number }} options
 */
export function superviseService({ logDir, restart, family, report }, { name, entry, env, rank = RANK.service }) {
  const logFile = join(logDir, `${name}.log`);
  const start = async () => {
    const service = startService({ name, entry, env, logFile, onSpawn: family.adopt(rank) });
    await service.ready;
    return service;
  };
  return supervise({ name, start, closing: family.closing, restart, report });
}

/**
 * The one private address that webhooks of a local stack may go to, where the demo listens; every other stays refused.
 * @param {Context} context
 * @param {string} host
 * @returns {Promise<string | undefined>} an origin; none where others can reach the API
 */
export async function reserveReceiver({ kept }, host) {
  if (!LOOPBACK.has(host)) return undefined;
  kept.receiverPort = await portNear(kept.receiverPort);
  return urlOf("127.0.0.1", kept.receiverPort);
}

/** @param {Context} context @param {{ base: Record<string, string>, config: Record<string, string> }} env */
async function startSimulator(context, { base, config }) {
  const port = await portNear(context.kept.simulatorPort);
  context.kept.simulatorPort = port;
  const own = Object.entries(config).filter(([name]) => name.startsWith("SIMULATOR_") || name === "LOG_LEVEL");
  const env = {
    ...base,
    SIMULATOR_DATA_DIR: join(context.dataDir, "simulator"),
    ...Object.fromEntries(own),
    SIMULATOR_HOST: "127.0.0.1",
    SIMULATOR_PORT: String(port),
  };
  const entry = context.entries.simulator;
  const handle = await superviseService(context, { name: "simulator", entry, env, rank: RANK.simulator });
  return { handle, url: urlOf("127.0.0.1", port) };
}

/**
 * Points every provider that is not configured at a simulator, which is started when none is given.
 * @param {Context} context
 * @param {{ base: Record<string, string>, config: Record<string, string>, simulatorUrl?: string | undefined }} options
 */
export async function setUpProviders(context, { base, config, simulatorUrl }) {
  const { simulated, real } = splitProviders(config);
  const wanted = simulated.length > 0;
  const own = wanted && !simulatorUrl ? await startSimulator(context, { base, config }) : undefined;
  const url = wanted ? (simulatorUrl ?? own?.url ?? "") : undefined;
  // A caller who runs a simulator of his own names its providers himself.
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
