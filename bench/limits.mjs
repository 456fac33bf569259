#!/usr/bin/env node
/**
 * What limits cost a submit: processor time of the API and of Redis per submit, of an organization without any limit,
 * with rate limits of its key and its own, and with a budget too. All in turns, with one connection and with many. Run
 * it with `npm run bench -- --only limits`. `node bench/limits.mjs --against DIR` compares with the build in another
 * checkout, which gets its own API and Redis, instead of with an organization without limits.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { HERE, startStackOf } from "./builds.mjs";
import { ADMIN_KEY, createOrganization, headersOf, INPUT } from "./calls.mjs";
import { describeMachine, median } from "./measurements.mjs";

/** Above what any machine submits in a minute, so that nothing is refused. */
const ENOUGH = 1_000_000;
const BUDGET_MICRO = 1e15;
/** Short turns, so that what else the machine does falls on all sides alike. */
const TURNS_PER_ROUND = 10;
const SUBMITS = 500;
const CONNECTIONS = [64, 1];

/** @typedef {import("./calls.mjs").Stack} Stack */
/** @typedef {{ stack: Stack, redis: Redis, close(): Promise<void> }} Server */
/** @typedef {{ name: string, server: Server, headers: Record<string, string> }} Side */
/** @typedef {{ api: number, redis: number }} Cost microseconds of processor time per submit */
/** @typedef {{ dataDir: string, redisServer: string | undefined, options: { rounds: number } }} Bench */

/** @param {Bench & { against?: string }} bench */
export async function limits({ dataDir, redisServer, options, against }) {
  const open = (/** @type {string} */ root, /** @type {string} */ name) =>
    openServer(root, { dataDir: join(dataDir, name), redisServer });
  const here = await open(HERE, "here");
  const other = against === undefined ? null : await open(against, "other");
  try {
    const sides = [
      other === null
        ? await limitedSide(here, { name: "without limits" })
        : { name: "the other build", server: other, headers: headersOf(other.stack) },
      await limitedSide(here, { name: "rate limits of key and organization", rate: ENOUGH }),
      await limitedSide(here, { name: "rate limits and a budget", rate: ENOUGH, budget: true }),
    ];
    const lines = ["Processor time of a submit (API + Redis), appendfsync always:"];
    for (const connections of CONNECTIONS) {
      lines.push(...describe(connections, sides, await inTurns(sides, options, (side) => costOf(side, connections))));
    }
    return lines;
  } finally {
    await other?.close();
    await here.close();
  }
}

/** @param {number} connections @param {Side[]} sides @param {Cost[][]} rows */
function describe(connections, sides, rows) {
  const base = rows.map(([first]) => total(first));
  return [
    `  ${connections} connections, ${rows.length} turns of ${SUBMITS} submits for each:`,
    ...sides.map(({ name }, index) => {
      const costs = rows.map((row) => /** @type {Cost} */ (row[index]));
      const ratio = median(costs.map((cost, round) => total(cost) / /** @type {number} */ (base[round])));
      const api = Math.round(median(costs.map((cost) => cost.api)));
      const inRedis = Math.round(median(costs.map((cost) => cost.redis)));
      return `    ${name}: ${ratio.toFixed(2)}x  (API ${api} µs, Redis ${inRedis} µs)`;
    }),
  ];
}

/** @param {Cost | undefined} cost */
const total = (cost) => (cost?.api ?? Number.NaN) + (cost?.redis ?? Number.NaN);

/** @param {string} root of a built checkout @param {{ dataDir: string, redisServer: string | undefined }} place */
async function openServer(root, { dataDir, redisServer }) {
  const stack = await startStackOf(root, { dataDir, redisServer, env: { VISGATE_ADMIN_KEY: ADMIN_KEY }, workers: 0 });
  const redis = new Redis(stack.redisUrl);
  const close = async () => {
    redis.disconnect();
    await stack.stop();
  };
  return { stack, redis, close };
}

/**
 * An organization with a key of its own.
 * @param {Server} server @param {{ name: string, rate?: number, budget?: boolean }} limited
 * @returns {Promise<Side>}
 */
async function limitedSide(server, { name, rate, budget = false }) {
  const id = name.replaceAll(" ", "-");
  const limit = { requests_per_minute: rate ?? null };
  const key = await createOrganization(server.stack, id, limit);
  if (budget) await server.redis.hset(`vg:{${id}}:budgets`, "organization|month", BUDGET_MICRO);
  return { name, server, headers: { ...headersOf(server.stack), authorization: `Bearer ${key}` } };
}

/**
 * Measures every side in each round, beginning with another one each time.
 * @param {Side[]} sides @param {{ rounds: number }} options @param {(side: Side) => Promise<Cost>} measure
 * @returns {Promise<Cost[][]>} per round, in the order of the sides
 */
async function inTurns(sides, { rounds }, measure) {
  for (let warm = 0; warm < 5; warm += 1) for (const side of sides) await measure(side);
  const results = [];
  for (let round = 0; round < rounds * TURNS_PER_ROUND; round += 1) {
    /** @type {Cost[]} */
    const row = [];
    for (let turn = 0; turn < sides.length; turn += 1) {
      const index = (round + turn) % sides.length;
      row[index] = await measure(/** @type {Side} */ (sides[index]));
    }
    results.push(row);
  }
  return results;
}

/** @param {Side} side @param {number} connections @returns {Promise<Cost>} */
async function costOf({ server, headers }, connections) {
  const url = `${server.stack.baseUrl}/api/v1/videos/generate`;
  const before = await processorSeconds(server);
  const { non2xx, errors } = await autocannon({
    ...{ url, method: "POST", headers, body: JSON.stringify(INPUT) },
    ...{ connections, amount: SUBMITS },
  });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} submits were not accepted.`);
  const after = await processorSeconds(server);
  const perSubmit = (/** @type {"api" | "redis"} */ part) => ((after[part] - before[part]) / SUBMITS) * 1e6;
  return { api: perSubmit("api"), redis: perSubmit("redis") };
}

/** @param {Server} server */
async function processorSeconds({ stack, redis }) {
  const metrics = await (await fetch(`${stack.baseUrl}/metrics`)).text();
  const info = await redis.info("cpu");
  const found = (/** @type {string} */ text, /** @type {RegExp} */ pattern) => Number(pattern.exec(text)?.[1]);
  return {
    api: found(metrics, /^process_cpu_seconds_total (\S+)/m),
    redis: found(info, /used_cpu_sys:(\S+)/) + found(info, /used_cpu_user:(\S+)/),
  };
}

async function main() {
  const { values } = parseArgs({
    options: { against: { type: "string" }, rounds: { type: "string", default: "5" } },
  });
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-limits-"));
  const bench = { dataDir, redisServer: process.env["REDIS_SERVER"], options: { rounds: Number(values.rounds) } };
  try {
    const against = values.against === undefined ? {} : { against: resolve(values.against) };
    process.stdout.write(`${[describeMachine(), ...(await limits({ ...bench, ...against }))].join("\n")}\n`);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  process.exit(0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
