#!/usr/bin/env node
/**
 * How soon the work of a killed worker continues: repeated kill -9 of one of three workers with 60 renders in flight.
 * Run it with `npm run bench -- --only takeOver`. As `node bench/take-over.mjs --against DIR` it measures another build
 * in turns with this one, and compares the p99.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HERE, startStackOf } from "./builds.mjs";
import { control, submit } from "./calls.mjs";
import { repeatTimes, startSlowPolls } from "./held-calls.mjs";
import { describeMachine, percentile } from "./measurements.mjs";

const WORKERS = 3;
const RENDERS = 60;
const ROUNDS = 10;
/** A lock lasts a minute and is checked every half minute; the rest is for the round itself. */
const GIVE_UP_MS = 150_000;
/** How long each poll is delayed, so that a kill cuts many polls. */
const HOLD_MS = 2000;

/** @typedef {{ dataDir: string, redisServer: string | undefined }} Bench */

/** @param {Bench} bench */
export async function takeOver({ dataDir, redisServer }) {
  const side = await open({ root: HERE, dataDir, redisServer });
  try {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(...(await side.killOne()));
    return [title(ROUNDS), describe("this build", times)];
  } finally {
    await side.close();
  }
}

/** @param {Bench & { against: string, rounds: number }} options */
async function compare({ dataDir, redisServer, against, rounds }) {
  /** @type {Record<"here" | "there", number[]>} */
  const times = { here: [], there: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, root] of /** @type {const} */ ([
      ["here", HERE],
      ["there", against],
    ])) {
      const side = await open({ root, dataDir: join(dataDir, `${name}-${round}`), redisServer });
      times[name].push(...(await side.killOne().finally(side.close)));
    }
  }
  const ratio = percentile(times.there, 0.99) / percentile(times.here, 0.99);
  return [
    title(rounds),
    describe("this build", times.here),
    describe("the other build", times.there),
    `  p99 is ${ratio.toFixed(1)} times shorter in this build`,
  ];
}

const title = (/** @type {number} */ rounds) =>
  `Take-over: ${rounds} times kill -9 of one of ${WORKERS} workers, ${RENDERS} renders in flight; ` +
  "from the kill until each poll that it cut is repeated:";

/** @param {string} name @param {number[]} times */
function describe(name, times) {
  const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(2)} s`;
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)].map(seconds);
  return `  ${name} p50 ${p50}, p99 ${p99}, max ${seconds(Math.max(...times))} (${times.length} polls were cut)`;
}

/** Starts a stack of the build at `root`. @param {Bench & { root: string }} options */
async function open({ root, dataDir, redisServer }) {
  let simulator = "";
  const polls = await startSlowPolls({ holdMs: () => HOLD_MS, target: () => simulator });
  const own = { FAL_KEY: "simulator", FAL_BASE_URL: `${polls.url}/fal`, SIMULATED_PROVIDERS: "fal" };
  const stack = await startStackOf(root, {
    ...{ dataDir, redisServer, workers: WORKERS, restart: false },
    env: { POSTERS: "false", LOG_LEVEL: "warn", ALLOW_PRIVATE_URLS: "true", ...own },
  });
  simulator = stack.simulatorUrl ?? "";
  await control(stack, { render_seconds: 3600, queue_seconds: 0 });
  await Promise.all(Array.from({ length: RENDERS }, () => submit(stack)));
  return {
    /** Kills one worker; resolves to the times of all polls that the kill cut. */
    async killOne() {
      const since = performance.now();
      await eventually(() => new Set(polls.calls.filter(({ at }) => at > since).map(({ key }) => key)).size >= RENDERS);
      const victim = stack.workers.find((worker) => worker.current.alive());
      const killedAt = performance.now();
      victim?.kill();
      await victim?.current.exited;
      await eventually(() => !repeatTimes(polls.calls, killedAt).includes(null));
      await stack.addWorker();
      return repeatTimes(polls.calls, killedAt).map(Number);
    },
    async close() {
      await stack.stop();
      await polls.close();
    },
  };
}

/** @param {() => boolean} condition */
async function eventually(condition) {
  for (const deadline = Date.now() + GIVE_UP_MS; Date.now() < deadline; await sleep(20)) if (condition()) return;
  throw new Error(`The work of a killed worker did not continue within ${GIVE_UP_MS / 1000} s.`);
}

async function main() {
  const { values } = parseArgs({
    options: { against: { type: "string" }, rounds: { type: "string", default: "2" } },
  });
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-take-over-"));
  const bench = { dataDir, redisServer: process.env["REDIS_SERVER"] };
  try {
    const { against, rounds } = values;
    const lines =
      against === undefined
        ? await takeOver(bench)
        : await compare({ ...bench, against: resolve(against), rounds: Number(rounds) });
    process.stdout.write(`${[describeMachine(), ...lines].join("\n")}\n`);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  process.exit(0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
