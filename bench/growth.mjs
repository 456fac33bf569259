/**
 * What calls cost when Redis holds many requests, compared with hardly any: submit, poll, list, a list whose filter finds
 * nothing, the feed, and a sweep. All are in their cold form. BENCH_GROWTH sets the numbers of requests.
 */
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { authorized, submit } from "./calls.mjs";
import { percentile, timesOf } from "./measurements.mjs";
import { createRequestWriter, ORGANIZATION } from "./request-writer.mjs";
import { withTarget } from "./targets.mjs";

const STAGES = (process.env["BENCH_GROWTH"] ?? "0,100000,1000000").split(",").map(Number);
const BATCH = 200;
const CALLS = 200;
const SWEEPS = 20;
/** More than a list reads when it finds nothing, so that the pages of each stage have the same size. */
const FULL_PAGES = 600;
const MOST_SLOWER = 1.3;
const EMPTY_LIST_MS = 50;

/** @typedef {Record<string, number>} Times milliseconds, p50 of each call */

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function growth({ dataDir, redisServer }) {
  const stack = await startStack({ dataDir, redisServer, workers: 0 });
  const redis = new Redis(stack.redisUrl);
  try {
    // A million requests would fill the disk. Both sides of the comparison go without.
    await redis.config("SET", "appendonly", "no");
    const writeRequest = await createRequestWriter(redis, await submit(stack));
    const { createStore } = await import("@visgate/shared/store");
    const store = createStore({ redis, clock: { now: Date.now } });
    const measure = await createMeasure(stack, store);
    let written = 0;
    const writeUntil = async (/** @type {number} */ count) => {
      for (; written < count; written += BATCH) {
        await Promise.all(Array.from({ length: BATCH }, (_, index) => writeRequest(written + index)));
        await store.coldRequests.freezeEnded(ORGANIZATION, Number.MAX_SAFE_INTEGER, BATCH);
      }
    };
    await writeUntil(FULL_PAGES);
    await measure(); // warms up
    /** @type {Times[]} */
    const stages = [];
    for (const count of STAGES) {
      await writeUntil(count);
      stages.push(await measure());
    }
    return describe(stages);
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

/**
 * @param {import("./calls.mjs").Stack} stack @param {import("@visgate/shared/store").Store} store
 * @returns {Promise<() => Promise<Times>>}
 */
async function createMeasure(stack, { maintenance }) {
  const id = await submit(stack);
  return async () => ({
    submit: await p50(CALLS, () => submit(stack)),
    poll: await p50(CALLS, () => authorized(stack, `/requests/${id}`)),
    list: await p50(CALLS, () => authorized(stack, "/requests?limit=50")),
    "list that finds nothing": await p50(CALLS / 4, () => authorized(stack, "/requests?callback_id=none&limit=50")),
    feed: await p50(CALLS, () => authorized(stack, "/events?limit=50")),
    "reads of a sweep": await p50(SWEEPS, async () => {
      await maintenance.overdueRequests(500);
      await maintenance.expiredHolds(500);
      await maintenance.overdueDeliveries(500);
    }),
  });
}

/** @param {number} calls @param {() => Promise<unknown>} call */
const p50 = async (calls, call) => percentile(await timesOf(calls, call), 0.5);

/** @param {Times[]} stages */
function describe(stages) {
  const [empty = {}] = stages;
  const full = stages.at(-1) ?? {};
  const numbers = STAGES.map((count) => count.toLocaleString("en")).join(", ");
  const lines = [`Calls with ${numbers} requests in Redis, p50 of each, one after the other:`];
  for (const [name, first] of Object.entries(empty)) {
    const times = stages.map((stage) => `${(stage[name] ?? Number.NaN).toFixed(2)} ms`).join(", ");
    const last = full[name] ?? Number.NaN;
    const isSearch = name === "list that finds nothing";
    const figure = isSearch
      ? withTarget(name, last, { atMost: EMPTY_LIST_MS, unit: " ms" })
      : withTarget(name, last / first, { atMost: MOST_SLOWER, unit: "x" });
    lines.push(`  ${figure}  (${times})`);
  }
  return lines;
}
