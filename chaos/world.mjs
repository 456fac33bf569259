/** The programs of a run: two APIs, three workers and the simulated providers, each a process that comes back. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ENTRIES } from "../scripts/lib/paths.mjs";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { findFaketime } from "../scripts/lib/programs/faketime.mjs";
import { PROVIDERS, simulatedEnv } from "../scripts/lib/stack/providers.mjs";
import { openDisk } from "./disk.mjs";
import { keepRunning } from "./keep-running.mjs";
import { startLink } from "./links.mjs";
import { openClusterRedis, openSentinelRedis, openSingleRedis } from "./redis.mjs";

export const API_KEY = "vg-chaos-0123456789abcdef";
export const SECRET = "chaos-secret-0123456789abcdef";
const OPEN = { single: openSingleRedis, sentinel: openSentinelRedis, cluster: openClusterRedis };

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */
/** @typedef {import("./keep-running.mjs").Kept} Kept */

/** The environment variables of every program. */
export const BASE_ENV = { PATH: process.env["PATH"] ?? "", LOG_LEVEL: "info" };

/** Of the APIs and workers. @param {{ dir: string, simulatorUrl: string, publicUrl: string, locateSeconds: number }} options */
export const programEnv = ({ dir, simulatorUrl, publicUrl, locateSeconds }) => ({
  ...{ ...BASE_ENV, DATA_DIR: dir, VISGATE_API_KEY: API_KEY, VISGATE_SECRET: SECRET, PUBLIC_URL: publicUrl },
  ...simulatedEnv(PROVIDERS, simulatorUrl),
  ...{ SIMULATED_PROVIDERS: PROVIDERS.map(({ name }) => name).join(","), ALLOW_PRIVATE_URLS: "true" },
  ...{
    SUBMIT_TIMEOUT_MS: "5000",
    LOCATE_SECONDS: String(locateSeconds),
    WEBHOOK_RETRY_SECONDS: "0.5,1,2,4,8,16,30,60",
  },
});

/** @param {{ dir: string, port: number, renderCacheDir: string }} options */
export const simulatorEnv = ({ dir, port, renderCacheDir }) => ({
  ...{ ...BASE_ENV, SIMULATOR_PORT: String(port), SIMULATOR_DATA_DIR: join(dir, "simulator") },
  ...{ SIMULATOR_RENDER_SECONDS: "2", SIMULATOR_RENDER_CACHE_DIR: renderCacheDir },
  // The processor is for the programs under test.
  SIMULATOR_FRAMES_PER_SECOND: "2",
});

/**
 * @param {{
 *   dir: string, act: keyof typeof OPEN, binary: string, renderCacheDir: string, locateSeconds: number,
 *   journals: import("./journal.mjs").Journals,
 * }} options
 */
export async function openWorld({ dir, act, binary, renderCacheDir, locateSeconds, journals }) {
  const logDir = join(dir, "logs");
  mkdirSync(logDir, { recursive: true });
  const disk = openDisk(join(dir, "files"));
  const redis = await OPEN[act]({ dir: join(dir, "redis"), binary });
  /** @type {import("./links.mjs").Link[]} */
  const links = [];
  const linked = async () => {
    if (act !== "single") return redis.urlFor(redis.port);
    const link = await startLink({ targetPort: redis.port });
    links.push(link);
    return redis.urlFor(link.port);
  };

  const simulatorPort = await freePort();
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const apiPorts = [await freePort(), await freePort()];
  const baseUrls = apiPorts.map((port) => `http://127.0.0.1:${port}`);
  const env = {
    ...programEnv({ dir, simulatorUrl, publicUrl: baseUrls[0] ?? "", locateSeconds }),
    ...(act !== "single" ? { ACCEPT_REPLICAS: "1" } : {}),
  };
  /** @type {Kept[]} */
  const processes = [];
  const add = async (/** @type {Parameters<typeof keepRunning>[0]} */ what) =>
    void processes.push(await keepRunning(what));

  const ownEnv = simulatorEnv({ dir, port: simulatorPort, renderCacheDir });
  await add({ ...{ kind: "simulator", name: "simulator", entry: ENTRIES.simulator, env: ownEnv }, logDir, journals });
  for (const [index, port] of apiPorts.entries()) {
    const own = { ...env, PORT: String(port), REDIS_URL: await linked() };
    await add({ ...{ kind: "api", name: `api-${index + 1}`, entry: ENTRIES.api, env: own }, logDir, journals });
  }
  const clock = await wrongClock();
  for (const n of [1, 2, 3]) {
    const own = { ...env, REDIS_URL: await linked(), ...(n === 3 ? clock : {}) };
    await add({ ...{ kind: "worker", name: `worker-${n}`, entry: ENTRIES.worker, env: own }, logDir, journals });
  }
  return {
    ...{ act, processes, links, redis, disk, baseUrls, simulatorUrl, logDir, journals },
    hasWrongClock: Object.keys(clock).length > 0,
    async close() {
      await Promise.all(processes.filter(({ kind }) => kind !== "simulator").map((each) => each.end()));
      await Promise.all(processes.map((each) => each.end()));
      await Promise.all(links.map((link) => link.close()));
      await redis.close();
      disk.close();
    },
  };
}

/** The environment of a process whose clock is two minutes ahead; empty on platforms without libfaketime. */
async function wrongClock() {
  const library = await findFaketime();
  return library === undefined ? {} : { LD_PRELOAD: library, FAKETIME: "+120s", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}
