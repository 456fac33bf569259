/**
 * What a Redis Cluster of three nodes with six shards costs, beside a single server: the processor time of a submit and
 * of the whole life of a request, the memory of a request, and how evenly the nodes share the commands.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { startRedisCluster } from "../scripts/lib/stack/redis-cluster.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { ADMIN_KEY, atPace, control, createOrganization, finished, INPUT, json, submit } from "./calls.mjs";
import { median } from "./measurements.mjs";
import { createMeasure, describeUsed, numberIn, sum } from "./processor-time.mjs";
import { withTarget } from "./targets.mjs";

const ORGANIZATIONS = 30;
const CONNECTIONS = 32;
const IDLE_SECONDS = 10;
/** All of them are in flight at once. */
const LIVES = 5000;
const PER_SECOND = 120;
const RENDER_SECONDS = 60;
const PASSWORD = "bench-password";

/** @typedef {import("./processor-time.mjs").Used} Used */
/** @typedef {Awaited<ReturnType<typeof startSide>>} Side */

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function cluster({ dataDir, redisServer, options: { rounds, seconds } }) {
  const nodes = await startRedisCluster({
    ...{ dir: `${dataDir}-redis`, binary: redisServer ?? "", password: PASSWORD, replicas: 0 },
  });
  /** @type {Side[]} */
  const sides = [];
  try {
    const urls = nodes.servers.map(({ port }) => `redis://:${PASSWORD}@127.0.0.1:${port}`);
    const three = { redis: { url: nodes.url }, urls, shards: 6 };
    sides.push(await startSide({ dataDir: join(dataDir, "one"), redisServer, shards: 1 }));
    sides.push(await startSide({ dataDir: join(dataDir, "three"), redisServer, ...three }));
    const [one, many] = /** @type {[Side, Side]} */ (sides);
    const [oneLife, manyLife] = [await one.lives(), await many.lives()];
    const [oneIdle, manyIdle] = [await one.idle(), await many.idle()];
    for (const side of sides) await side.submits(1);
    const results = [];
    for (let round = 0; round < rounds; round += 1) {
      // Each goes first in every other round.
      const first = round % 2 === 0 ? one : many;
      const used = await first.submits(seconds);
      const other = await (first === one ? many : one).submits(seconds);
      results.push(first === one ? { one: used, many: other } : { one: other, many: used });
    }
    const ratio = median(results.map((result) => total(result.many) / total(result.one)));
    const last = results.at(-1);
    if (last === undefined) throw new Error("at least one round is measured");
    return [
      `Three nodes with six shards, beside one server (${ORGANIZATIONS} organizations). In µs: API, worker, Redis.`,
      `  ${withTarget("processor time of a submit", ratio, { atMost: 1.15, unit: "x" })}`,
      `    ${describeUsed(last.many)}; one server ${describeUsed(last.one)}`,
      `  processor time of a life whose end is reported: ${(total(manyLife.used) / total(oneLife.used)).toFixed(2)}x`,
      `    ${describeUsed(manyLife.used)}; one server ${describeUsed(oneLife.used)}`,
      `  a second without requests: ${describeUsed(manyIdle)}; one server ${describeUsed(oneIdle)}`,
      `  ${withTarget("memory of a request in flight", manyLife.bytes / oneLife.bytes, { atMost: 1.05, unit: "x" })}`,
      `    ${Math.round(manyLife.bytes)} bytes; one server ${Math.round(oneLife.bytes)}`,
      `  ${withTarget("the busiest node's share of the commands", manyLife.busiest, { atMost: 0.4 })}`,
    ];
  } finally {
    for (const side of sides) await side.stop();
    await nodes.close();
  }
}

/** @param {Used} used */
const total = ({ api, worker, redis }) => api + worker + redis;

/**
 * @param {{
 *   dataDir: string, redisServer: string | undefined, shards: number, redis?: { url: string }, urls?: string[],
 * }} options
 */
async function startSide({ dataDir, redisServer, shards, redis, urls }) {
  const [port, metricsPort] = [await freePort(), 20_000 + Math.floor(Math.random() * 10_000)];
  const env = {
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    METRICS_PORT: String(metricsPort),
    QUEUE_SHARDS: String(shards),
    VISGATE_ADMIN_KEY: ADMIN_KEY,
  };
  const stack = await startStack({
    ...{ dataDir, redisServer, port, ...(redis === undefined ? {} : { redis }) },
    env: { POSTERS: "false", SIMULATOR_RENDER_SECONDS: "1", LOG_LEVEL: "warn", ...env },
  });
  const nodes = (urls ?? [stack.redisUrl]).map((url) => new Redis(url));
  const measure = createMeasure(nodes, metricsPort);
  await finished(stack, await submit(stack)); // draws the video once
  const ids = Array.from({ length: ORGANIZATIONS }, (_, n) => `organization-${n}`);
  const keys = await Promise.all(ids.map((id) => createOrganization(stack, id)));
  const headersOf = (/** @type {number} */ index) => ({
    authorization: `Bearer ${keys[index % keys.length]}`,
    ...{ "content-type": "application/json", prefer: "respond-async" },
  });
  const url = `${stack.baseUrl}/api/v1/videos/generate`;
  const body = JSON.stringify(INPUT);
  const call = (/** @type {number} */ index) => json(url, { method: "POST", body, headers: headersOf(index) });
  const commands = () =>
    Promise.all(nodes.map(async (node) => numberIn(await node.info("stats"), "total_commands_processed")));
  const bytes = async () =>
    sum(await Promise.all(nodes.map(async (node) => numberIn(await node.info("memory"), "used_memory_dataset"))));
  const openCount = async () => {
    const { queues } = await json(`${stack.baseUrl}/api/v1/health`);
    return queues.fal.waiting + queues.fal.active + queues.fal.delayed;
  };
  return {
    /** Without a worker, as fast as the API takes them. Call it last: these requests stay. */
    async submits(/** @type {number} */ seconds) {
      await Promise.all(stack.workers.map((worker) => worker.stop()));
      const requests = keys.map((_, index) => ({
        method: /** @type {const} */ ("POST"),
        body,
        headers: headersOf(index),
      }));
      return measure(async () => {
        const result = await autocannon({ url, requests, connections: CONNECTIONS, duration: seconds });
        if (result.non2xx + result.errors > 0) throw new Error("not all submits were answered with 202");
        return result.requests.total;
      });
    },
    /** Also the memory of a request in flight, and the share of the node with most commands. */
    async lives() {
      await control(stack, { render_seconds: RENDER_SECONDS, queue_seconds: 0 });
      const [bytesBefore, before] = [await bytes(), await commands()];
      let bytesInFlight = 0;
      const used = await measure(async () => {
        await atPace({ count: LIVES, perSecond: PER_SECOND }, call);
        await sleep(1000);
        bytesInFlight = await bytes();
        while ((await openCount()) > 0) await sleep(1000);
        return LIVES;
      });
      const after = await commands();
      const made = after.map((count, node) => count - (before[node] ?? 0));
      return { used, bytes: (bytesInFlight - bytesBefore) / LIVES, busiest: Math.max(...made) / sum(made) };
    },
    idle: () =>
      measure(async () => {
        await sleep(IDLE_SECONDS * 1000);
        return IDLE_SECONDS;
      }),
    async stop() {
      for (const node of nodes) node.disconnect();
      await stack.stop();
    },
  };
}
