/**
 * How soon the API and a worker are ready after their start, and the memory that they use when idle. With `--against
 * DIR` compared with the build in another checkout.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { startService } from "../scripts/lib/processes/services.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { HERE } from "./builds.mjs";
import { median, residentMb } from "./measurements.mjs";
import { withTarget } from "./targets.mjs";

const STARTS = 5;
const SETTLE_MS = 3000;
const PROGRAMS = /** @type {const} */ (["api", "worker"]);
const TARGETS = { start: { atMost: 0.6 }, idle: { atMost: 0.75 } };

/** @typedef {{ start: number, idle: number }} Measured milliseconds until ready, and MB resident when idle */

/** @param {{ dataDir: string, redisServer: string | undefined, against?: string }} bench */
export async function start({ dataDir, redisServer, against }) {
  const stack = await startStack({ dataDir, redisServer, workers: 0 });
  try {
    const env = {
      ...{ PATH: process.env["PATH"] ?? "", REDIS_URL: stack.redisUrl, PORT: "0", HOST: "127.0.0.1" },
      ...{ VISGATE_SECRET: "a secret of the bench", VISGATE_API_KEY: stack.apiKey, FAL_KEY: "bench" },
      DATA_DIR: join(dataDir, "files"),
    };
    const lines = [`Start and idle memory, medians of ${STARTS} starts in turns:`];
    for (const program of PROGRAMS) {
      const entries = await Promise.all([HERE, ...(against === undefined ? [] : [against])].map(entryOf(program)));
      lines.push(...describe(program, await inTurns(entries, env, join(dataDir, `${program}.log`))));
    }
    return lines;
  } finally {
    await stack.stop();
  }
}

/** @param {"api" | "worker"} program */
const entryOf = (program) => async (/** @type {string} */ root) => {
  const { ENTRIES } = await import(pathToFileURL(join(root, "scripts/lib/paths.mjs")).href);
  return /** @type {string} */ (ENTRIES[program]);
};

/** @param {string[]} entries @param {Record<string, string>} env @param {string} logFile @returns {Promise<Measured[]>} */
async function inTurns(entries, env, logFile) {
  /** @type {Measured[][]} */
  const measured = entries.map(() => []);
  for (let turn = 0; turn < STARTS; turn += 1) {
    for (const [index, entry] of entries.entries()) measured[index]?.push(await startOnce(entry, env, logFile));
  }
  return measured.map((starts) => ({
    start: median(starts.map((one) => one.start)),
    idle: median(starts.map((one) => one.idle)),
  }));
}

/** @param {string} entry @param {Record<string, string>} env @param {string} logFile @returns {Promise<Measured>} */
async function startOnce(entry, env, logFile) {
  const began = performance.now();
  const service = startService({ name: "bench", entry, env, logFile });
  await service.ready;
  const start = performance.now() - began;
  await sleep(SETTLE_MS);
  const idle = residentMb(service.pid);
  await service.stop();
  return { start, idle };
}

/** @param {string} program @param {Measured[]} sides */
function describe(program, [here, other]) {
  if (here === undefined) return [];
  const own = `  ${program}: ready after ${Math.round(here.start)} ms, ${here.idle} MB when idle`;
  if (other === undefined) return [own];
  return [
    `${own} (the other build: ${Math.round(other.start)} ms, ${other.idle} MB)`,
    `    ${withTarget("start, of the other build's", here.start / other.start, TARGETS.start)}`,
    `    ${withTarget("idle memory, of the other build's", here.idle / other.idle, TARGETS.idle)}`,
  ];
}
