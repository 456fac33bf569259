/** What tracing costs: processor time of a submit and of a status poll, with a collector beside the same without one. */
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, keyOf, submit } from "./calls.mjs";
import { median } from "./measurements.mjs";
import { createMeasure, describeUsed } from "./processor-time.mjs";

const CONNECTIONS = 32;
const SUBMITS = 600;
const PER_SECOND = 150;

/** @typedef {import("./calls.mjs").Stack} Stack */
/** @typedef {import("./processor-time.mjs").Measure} Measure */
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
  try {
    return [
      "Processor time with tracing beside without (API, worker, Redis; µs):",
      ...(await compare("a submit with its first step", sides, rounds, submits)),
      ...(await compare("a status poll", sides, rounds, (stack) => polls(stack, seconds))),
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
  // Renders that do not end: a submit is followed by its first step and few polls.
  const env = { SIMULATOR_RENDER_SECONDS: "3600", LOG_LEVEL: "info", METRICS_PORT: String(metricsPort), ...more };
  const stack = await startStack({ dataDir, redisServer, env });
  const redis = new Redis(stack.redisUrl);
  const close = async () => {
    redis.disconnect();
    await stack.stop();
  };
  return { name, stack, measure: createMeasure([redis], metricsPort), close };
}

/** @param {Stack} stack */
async function submits(stack) {
  await atPace({ count: SUBMITS, perSecond: PER_SECOND }, () => submit(stack));
  return SUBMITS;
}

/** @param {Stack} stack @param {number} seconds */
async function polls(stack, seconds) {
  const url = `${stack.baseUrl}/api/v1/requests/${await submit(stack)}`;
  const result = await autocannon({ url, headers: keyOf(stack), connections: CONNECTIONS, duration: seconds });
  if (result.non2xx + result.errors > 0) throw new Error("not all polls were answered with 200");
  return result.requests.total;
}

/**
 * The sides in turns; the ratios are per round.
 * @param {string} name @param {Side[]} sides @param {number} rounds @param {(stack: Stack) => Promise<number>} work
 */
async function compare(name, sides, rounds, work) {
  for (const { stack } of sides) await work(stack);
  /** @type {import("./processor-time.mjs").Used[][]} */
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    const result = [];
    for (const { stack, measure } of sides) result.push(await measure(() => work(stack)));
    results.push(result);
  }
  return sides.map((side, index) => {
    const ratio = median(results.map((result) => total(result[index]) / total(result[0])));
    return `  ${name}, ${side.name}: ${ratio.toFixed(2)}x (${describeUsed(/** @type {any} */ (results.at(-1)?.[index]))})`;
  });
}

/** @param {import("./processor-time.mjs").Used | undefined} used */
const total = (used) => (used === undefined ? Number.NaN : used.api + used.worker);

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
