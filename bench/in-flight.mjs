/**
 * Many renders in flight on one worker process: how soon each is seen to be done, what the worker weighs, and whether
 * its event loop keeps up. Once by polls in the rhythm as shipped, once with the provider's webhooks.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, authorized, control, finished, json, submit } from "./calls.mjs";
import { residentMb } from "./idle-memory.mjs";
import { percentile } from "./statistics.mjs";

const REQUESTS = Number(process.env["BENCH_IN_FLIGHT"] ?? 10_000);
const RENDER_SECONDS = 60;
/** All are in flight for a moment before the first is done. */
const RAMP_SECONDS = 58;
const SAMPLE_MS = 5000;
const GIVE_UP_MS = 300_000;

/** @typedef {import("./calls.mjs").Stack} Stack */
/** @typedef {{ rssMb: number, loopDelayMs: number, steps: number, sleeping: number, redisBytes: number, atMs: number }} Sample */

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function inFlight({ dataDir, redisServer }) {
  const lines = [
    `${REQUESTS} renders of ${RENDER_SECONDS} s in flight on one worker process, submitted over ${RAMP_SECONDS} s:`,
  ];
  for (const mode of /** @type {const} */ (["polls", "webhooks"])) {
    lines.push(...(await measure({ dataDir: join(dataDir, mode), redisServer, mode })));
  }
  return lines;
}

/** @param {{ dataDir: string, redisServer: string | undefined, mode: "polls" | "webhooks" }} bench */
async function measure({ dataDir, redisServer, mode }) {
  const port = await freePort("127.0.0.1");
  // Each process takes the next one: below the ports that outgoing connections are given.
  const metricsPort = 20_000 + Math.floor(Math.random() * 10_000);
  const stack = await startStack({
    ...{ dataDir, redisServer, port },
    env: {
      SIMULATOR_RENDER_SECONDS: "1",
      LOG_LEVEL: "warn",
      METRICS_PORT: String(metricsPort),
      ...(mode === "webhooks" ? { PUBLIC_URL: `http://127.0.0.1:${port}` } : {}),
    },
  });
  try {
    await finished(stack, await submit(stack)); // draws the film: from here on the render time is the simulated one
    await control(stack, { render_seconds: RENDER_SECONDS, queue_seconds: 0 });
    const idleBytes = await redisBytes(stack);
    const sampler = startSampler(stack, metricsPort + 1);
    const ids = await atPace({ count: REQUESTS, perSecond: REQUESTS / RAMP_SECONDS }, () => submit(stack));
    await allEnded(stack);
    const samples = await sampler.stop();
    const lags = await lagsOf(stack, ids);
    return report(mode, { lags, samples, idleBytes });
  } finally {
    await stack.stop();
  }
}

/** @param {string} mode @param {{ lags: number[], samples: Sample[], idleBytes: number }} measured */
function report(mode, { lags, samples, idleBytes }) {
  const peak = samples.reduce((best, one) => (one.sleeping > best.sleeping ? one : best));
  const most = (/** @type {"rssMb" | "loopDelayMs"} */ name) => Math.max(...samples.map((one) => one[name]));
  const rates = samples.slice(1).map((one, index) => {
    const before = /** @type {Sample} */ (samples[index]);
    return ((one.steps - before.steps) * 1000) / (one.atMs - before.atMs);
  });
  const perRequest = (peak.redisBytes - idleBytes) / Math.max(1, peak.sleeping);
  return [
    `  ${mode}: completion lag p50 ${percentile(lags, 0.5)} ms, p99 ${percentile(lags, 0.99)} ms, max ${Math.max(...lags)} ms`,
    `    worker at most ${most("rssMb")} MB resident; event-loop delay p99 at most ${most("loopDelayMs").toFixed(1)} ms in any ${SAMPLE_MS / 1000} s`,
    `    at most ${Math.round(Math.max(...rates))} steps/s; ${peak.sleeping} asleep at the peak, ${(perRequest / 1024).toFixed(1)} KB of Redis memory each`,
  ];
}

/** @param {Stack} stack */
async function allEnded(stack) {
  for (const deadline = Date.now() + GIVE_UP_MS; Date.now() < deadline; await sleep(1000)) {
    const { queues } = await json(`${stack.baseUrl}/api/v1/health`);
    const { waiting, active, delayed } = queues.fal;
    if (waiting + active + delayed === 0) return;
  }
  throw new Error("the renders did not end in time");
}

/** From the provider being done to the request's completion. @param {Stack} stack @param {string[]} ids */
async function lagsOf(stack, ids) {
  const submits = await json(`${stack.simulatorUrl}/control/requests`);
  const doneAt = new Map(
    submits.map((/** @type {any} */ one) => [one.provider_request_id, one.at + RENDER_SECONDS * 1000]),
  );
  const lags = [];
  for (const id of ids) {
    const request = await authorized(stack, `/requests/${id}`);
    if (request.status !== "completed") throw new Error(`request ${id} is ${request.status}: ${request.error_message}`);
    lags.push(Date.parse(request.completed_at) - doneAt.get(request.provider_request_id));
  }
  return lags;
}

/** Looks at the worker and at Redis now and then. @param {Stack} stack @param {number} workerMetricsPort */
function startSampler(stack, workerMetricsPort) {
  /** @type {Sample[]} */
  const samples = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await sleep(SAMPLE_MS);
      const metrics = await (await fetch(`http://127.0.0.1:${workerMetricsPort}/metrics`)).text();
      const { queues } = await json(`${stack.baseUrl}/api/v1/health`);
      samples.push({
        rssMb: residentMb(stack.workers[0]?.pid),
        loopDelayMs: sumOf(metrics, "nodejs_eventloop_lag_p99_seconds") * 1000,
        steps: sumOf(metrics, "visgate_step_seconds_count"),
        sleeping: queues.fal.delayed,
        redisBytes: await redisBytes(stack),
        atMs: performance.now(),
      });
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return samples;
    },
  };
}

/** @param {string} metrics @param {string} name */
function sumOf(metrics, name) {
  const values = metrics.split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** @param {Stack} stack */
async function redisBytes(stack) {
  const { Redis } = await import("ioredis");
  const redis = new Redis(stack.redisUrl);
  try {
    return Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
  } finally {
    redis.disconnect();
  }
}
