/**
 * The cost of a cache hit compared with a status poll, on one API. A hit is a request of its own and is written to
 * disk.
 */
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { finished, headersOf, INPUT, keyOf, submit } from "./calls.mjs";
import { describeLoad, inTurns } from "./load.mjs";
import { percentile, timesOf } from "./measurements.mjs";
import { oneByOne } from "./one-by-one.mjs";

const SETS = 3000;
/** About as many bytes as a hit writes. */
const RECORD_BYTES = 2000;

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function cacheHit({ dataDir, redisServer, options }) {
  const stack = await startStack({ dataDir, redisServer, env: { POSTERS: "false", SIMULATOR_RENDER_SECONDS: "1" } });
  try {
    const id = await submit(stack, { cache: "use" });
    await finished(stack, id);
    await stack.workers[0]?.stop();
    const sides = { ours: hitOf(stack), theirs: pollOf(stack, id) };
    await checkHit(sides.ours);
    const many = await inTurns(sides, options);
    const one = await inTurns(sides, { ...options, measure: oneByOne });
    return [
      "A cache hit compared with a status poll, one API, appendfsync always:",
      row("64 connections, cost", 1 / many.ratioOf("perSecond"), many),
      row("1 connection, latency p50", one.ratioOf("p50"), one),
      `  a SET of as many bytes, alone, with its fsync: p50 ${(await setMs(stack.redisUrl)).toFixed(2)} ms`,
    ];
  } finally {
    await stack.stop();
  }
}

/** @typedef {import("./calls.mjs").Stack} Stack */

/** @param {Stack} stack @returns {import("./load.mjs").Target} */
function hitOf(stack) {
  const body = JSON.stringify({ ...INPUT, cache: undefined });
  return { url: `${stack.baseUrl}/api/v1/videos/generate`, method: "POST", headers: headersOf(stack), body };
}

/** @param {Stack} stack @param {string} id @returns {import("./load.mjs").Target} */
function pollOf(stack, id) {
  return { url: `${stack.baseUrl}/api/v1/requests/${id}`, method: "GET", headers: keyOf(stack) };
}

/** @param {import("./load.mjs").Target} target */
async function checkHit({ url, method, headers = {}, body = "" }) {
  const { prefer: _, ...waiting } = headers;
  const response = await fetch(url, { method, headers: waiting, body });
  const answer = /** @type {any} */ (await response.json());
  if (answer.cache_reason !== "exact")
    throw new Error(`The request was not answered from the cache: ${JSON.stringify(answer)}`);
}

/** The cost of a write to disk alone. @param {string} redisUrl */
async function setMs(redisUrl) {
  const redis = new Redis(redisUrl);
  const times = await timesOf(SETS, () => redis.set("bench", "x".repeat(RECORD_BYTES)));
  redis.disconnect();
  return percentile(times, 0.5);
}

/** @param {string} name @param {number} ratio @param {Awaited<ReturnType<typeof inTurns>>} sides */
function row(name, ratio, { ours, theirs }) {
  return `  ${name}: ${ratio.toFixed(2)}x  (hit ${describeLoad(ours)}; poll ${describeLoad(theirs)})`;
}
