/** What tracing costs: processor time of a request's life and of a status poll, with a collector beside the same without. */
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, finished, json, keyOf, submit } from "./calls.mjs";
import { median } from "./measurements.mjs";
import { createMeasure, describeUsed } from "./processor-time.mjs";

const CONNECTIONS = 32;
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const LIVES = 300;
const PER_SECOND = 60;

/** @typedef {import("./calls.mjs").Stack} Stack */
/** @typedef {import("./processor-time.mjs").Measure} Measure */
/** @typedef {import("./processor-time.mjs").Used} Used */
/** @typedef {{ name: string, stack: Stack, measure: Measure, close: () => Promise<void> }} Side */

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function tracing({ dataDir, redisServer, options: { rounds, seconds } }) {
  const collector = await startSink();
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const sides = [
    await startSide("without", join(dataDir, "off"), redisServer, {}),
    await startSide("with every trace", join(dataDir, "on"), redisServer, on),
    await startSide("with 1 % of the traces", join(dataDir, "some"), redisServer, {
      ...on,
      ...{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" },
    }),
  ];
  const ofApi = { rounds, of: (/** @type {Used} */ used) => used.api };
  try {
    return [
      "Processor time with tracing beside without (API, worker, Redis; µs):",
      ...(await compare("the life of a request", sides, { rounds, work: lives, of: (used) => used.api + used.worker })),
      ...(await compare("a status poll", sides, { ...ofApi, work: (stack) => polls(stack, seconds) })),
      ...(await compare("a status poll in a caller's trace", sides, {
        ...ofApi,
        work: (stack) => polls(stack, seconds, { traceparent: TRACEPARENT }),
      })),
      `  ${collector.exports()} exports reached the collector`,
    ];
  } finally {
    for (const side of sides) await side.close();
    await collector.close();
  }
}

/** @param {string} name @param {string} dataDir @param {string | undefined} redisServer @param {Record<string, string>} more */
async function startSide(name, dataDir, redisServer, more) {
  const metricsPort = 20_000 + Math.floor(Math.random() * 10_000);
  const env = {
    SIMULATOR_RENDER_SECONDS: "1",
    LOG_LEVEL: "info",
    POSTERS: "false",
    METRICS_PORT: String(metricsPort),
    ...more,
  };
  const stack = await startStack({ dataDir, redisServer, env });
  const redis = new Redis(stack.redisUrl);
  const close = async () => {
    redis.disconnect();
    await stack.stop();
  };
  return { name, stack, measure: createMeasure([redis], metricsPort), close };
}

/** @param {Stack} stack */
async function lives(stack) {
  await atPace({ count: LIVES, perSecond: PER_SECOND }, () => submit(stack));
  for (let open = 1; open > 0; await sleep(200)) {
    const { queues } = await json(`${stack.baseUrl}/api/v1/health`);
    open = queues.fal.waiting + queues.fal.active + queues.fal.delayed;
  }
  return LIVES;
}

/**
 * Of a request that has ended, so that no worker works.
 * @param {Stack} stack @param {number} seconds @param {Record<string, string>} [more] headers
 */
async function polls(stack, seconds, more = {}) {
  const id = await submit(stack);
  await finished(stack, id);
  const url = `${stack.baseUrl}/api/v1/requests/${id}`;
  const result = await autocannon({
    url,
    headers: { ...keyOf(stack), ...more },
    connections: CONNECTIONS,
    duration: seconds,
  });
  if (result.non2xx + result.errors > 0) throw new Error("not all polls were answered with 200");
  return result.requests.total;
}

/**
 * The sides in turns; the ratios are per round, `of` what was used.
 * @param {string} name @param {Side[]} sides
 * @param {{ rounds: number, work: (stack: Stack) => Promise<number>, of: (used: Used) => number }} how
 */
async function compare(name, sides, { rounds, work, of }) {
  for (const { stack } of sides) await work(stack);
  /** @type {Used[][]} */
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    const result = [];
    for (const { stack, measure } of sides) result.push(await measure(() => work(stack)));
    results.push(result);
  }
  return sides.map((side, index) => {
    const ratio = median(results.map((result) => of(usedOf(result, index)) / of(usedOf(result, 0))));
    return `  ${name}, ${side.name}: ${ratio.toFixed(2)}x (${describeUsed(usedOf(results.at(-1), index))})`;
  });
}

/** @param {Used[] | undefined} result @param {number} index @returns {Used} */
const usedOf = (result, index) =>
  result?.[index] ?? { api: Number.NaN, worker: Number.NaN, redis: Number.NaN, steps: 0 };

/** A collector that takes everything. */
async function startSink() {
  let exports = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      exports += 1;
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    exports: () => exports,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
