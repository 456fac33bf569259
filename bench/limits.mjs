/**
 * What limits cost a submit: processor time of the API and of Redis per submit, of an organization without any limit,
 * with rate limits of its key and its own, and with a budget too. All in turns, on one API and one Redis.
 */
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { INPUT, json } from "./calls.mjs";
import { median } from "./measurements.mjs";

const ADMIN_KEY = "bench-admin-key-0123456789abcdef";
/** Above what any machine submits in a minute, so that nothing is refused. */
const ENOUGH = 1_000_000;
const BUDGET_MICRO = 1e15;
/** Short turns, so that what else the machine does falls on all sides alike. */
const TURNS_PER_ROUND = 10;
const SUBMITS = 500;
const CONNECTIONS = 64;

/** @typedef {import("./calls.mjs").Stack} Stack */
/** @typedef {{ name: string, target: import("./load.mjs").Target }} Side */
/** @typedef {{ api: number, redis: number }} Cost microseconds of processor time per submit */

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function limits({ dataDir, redisServer, options }) {
  const stack = await startStack({ dataDir, redisServer, env: { VISGATE_ADMIN_KEY: ADMIN_KEY }, workers: 0 });
  const redis = new Redis(stack.redisUrl);
  try {
    const sides = [
      await sideOf(stack, redis, { name: "without limits" }),
      await sideOf(stack, redis, { name: "rate limits of key and organization", rate: ENOUGH }),
      await sideOf(stack, redis, { name: "rate limits and a budget", rate: ENOUGH, budget: true }),
    ];
    const rows = await inTurns(sides, options, (side) => costOf(stack, redis, side));
    const base = rows.map(([first]) => total(first));
    return [
      `Processor time of a submit (API + Redis), one API, appendfsync always; ${rows.length} turns of ${SUBMITS} submits for each:`,
      ...sides.map(({ name }, index) => {
        const costs = rows.map((row) => /** @type {Cost} */ (row[index]));
        const ratio = median(costs.map((cost, round) => total(cost) / /** @type {number} */ (base[round])));
        const api = Math.round(median(costs.map((cost) => cost.api)));
        const inRedis = Math.round(median(costs.map((cost) => cost.redis)));
        return `  ${name}: ${ratio.toFixed(2)}x  (API ${api} µs, Redis ${inRedis} µs)`;
      }),
    ];
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

/** @param {Cost | undefined} cost */
const total = (cost) => (cost?.api ?? Number.NaN) + (cost?.redis ?? Number.NaN);

/**
 * An organization with a key of its own.
 * @param {Stack} stack @param {Redis} redis @param {{ name: string, rate?: number, budget?: boolean }} limited
 * @returns {Promise<Side>}
 */
async function sideOf(stack, redis, { name, rate, budget = false }) {
  const id = name.replaceAll(" ", "-");
  const limit = { requests_per_minute: rate ?? null };
  await admin(stack, "", { id, ...limit });
  const { key } = await admin(stack, `/${id}/api-keys`, { name, ...limit });
  if (budget) await redis.hset(`vg:{${id}}:budgets`, "organization|month", BUDGET_MICRO);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", prefer: "respond-async" };
  const target = { url: `${stack.baseUrl}/api/v1/videos/generate`, method: /** @type {const} */ ("POST"), headers };
  return { name, target: { ...target, body: JSON.stringify(INPUT) } };
}

/** @param {Stack} stack @param {string} path @param {object} body */
function admin(stack, path, body) {
  const headers = { "x-visgate-admin-key": ADMIN_KEY, "content-type": "application/json" };
  const url = `${stack.baseUrl}/api/v1/admin/organizations${path}`;
  return json(url, { method: "POST", headers, body: JSON.stringify(body) });
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

/** @param {Stack} stack @param {Redis} redis @param {Side} side @returns {Promise<Cost>} */
async function costOf(stack, redis, { target }) {
  const before = await processorSeconds(stack, redis);
  const { non2xx, errors } = await autocannon({ ...target, connections: CONNECTIONS, amount: SUBMITS });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} submits were not accepted.`);
  const after = await processorSeconds(stack, redis);
  const perSubmit = (/** @type {"api" | "redis"} */ part) => ((after[part] - before[part]) / SUBMITS) * 1e6;
  return { api: perSubmit("api"), redis: perSubmit("redis") };
}

/** @param {Stack} stack @param {Redis} redis */
async function processorSeconds(stack, redis) {
  const metrics = await (await fetch(`${stack.baseUrl}/metrics`)).text();
  const info = await redis.info("cpu");
  const found = (/** @type {string} */ text, /** @type {RegExp} */ pattern) => Number(pattern.exec(text)?.[1]);
  return {
    api: found(metrics, /^process_cpu_seconds_total (\S+)/m),
    redis: found(info, /used_cpu_sys:(\S+)/) + found(info, /used_cpu_user:(\S+)/),
  };
}
