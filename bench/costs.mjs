/**
 * What requests cost, for the capacity model (capacity.mjs): processor time of API, worker and Redis for the life of a
 * request whose end the provider reports, for a poll of a provider, and for a status poll.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, control, finished, json, keyOf, submit } from "./calls.mjs";
import { createMeasure, describeUsed } from "./processor-time.mjs";

const LIVES = 1500;
const PER_SECOND = 75;
const POLLED = 500;
const POLLING_SECONDS = 15;
const STATUS_SECONDS = 4;

/** @typedef {import("./calls.mjs").Stack} Stack */
/** @typedef {import("./processor-time.mjs").Measure} Measure */

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function costs({ dataDir, redisServer }) {
  const reported = await withStack({ dataDir: join(dataDir, "reports"), redisServer, hasReports: true }, ofLives);
  const polled = await withStack({ dataDir: join(dataDir, "polls"), redisServer, hasReports: false }, ofPolls);
  return [
    "Processor time, in µs (API, worker, Redis):",
    `  the life of a request whose end is reported: ${describeUsed(reported.life)}`,
    `  a poll of a provider: ${describeUsed(polled.poll)}`,
    `  a status poll: ${describeUsed(reported.status)}`,
  ];
}

/**
 * @template T
 * @param {{ dataDir: string, redisServer: string | undefined, hasReports: boolean }} place
 * @param {(stack: Stack, measure: Measure) => Promise<T>} run
 */
async function withStack({ dataDir, redisServer, hasReports }, run) {
  const port = await freePort("127.0.0.1");
  const metricsPort = 20_000 + Math.floor(Math.random() * 10_000);
  const reports = hasReports ? { PUBLIC_URL: `http://127.0.0.1:${port}` } : {};
  const env = {
    POSTERS: "false",
    SIMULATOR_RENDER_SECONDS: "1",
    LOG_LEVEL: "warn",
    METRICS_PORT: String(metricsPort),
    ...reports,
  };
  const stack = await startStack({ dataDir, redisServer, port, env });
  const redis = new Redis(stack.redisUrl);
  try {
    await finished(stack, await submit(stack)); // draws the video once
    return await run(stack, createMeasure([redis], metricsPort));
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

/** @param {Stack} stack @param {Measure} measure */
async function ofLives(stack, measure) {
  await control(stack, { render_seconds: 5, queue_seconds: 0 });
  const life = await measure(async () => {
    await atPace({ count: LIVES, perSecond: PER_SECOND }, () => submit(stack));
    for (let open = 1; open > 0; await sleep(1000)) {
      const { queues } = await json(`${stack.baseUrl}/api/v1/health`);
      open = queues.fal.waiting + queues.fal.active + queues.fal.delayed;
    }
    return LIVES;
  });
  const id = await submit(stack);
  await finished(stack, id);
  const url = `${stack.baseUrl}/api/v1/requests/${id}`;
  const status = await measure(async () => {
    const { requests } = await autocannon({ url, headers: keyOf(stack), connections: 64, duration: STATUS_SECONDS });
    return requests.total;
  });
  return { life, status };
}

/** @param {Stack} stack @param {Measure} measure */
async function ofPolls(stack, measure) {
  await control(stack, { render_seconds: 600, queue_seconds: 0 });
  await atPace({ count: POLLED, perSecond: PER_SECOND }, () => submit(stack));
  await sleep(5000);
  return { poll: await measure(() => sleep(POLLING_SECONDS * 1000, undefined)) };
}
