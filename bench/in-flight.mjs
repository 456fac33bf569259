/**
 * Many renders in flight on two worker processes: how soon the end of each is noticed, how much memory the workers need,
 * and how late their event loops run. Once with polls at the default intervals, once with the provider's webhooks.
 * BENCH_IN_FLIGHT sets the number, BENCH_IN_FLIGHT_BY=polls or webhooks runs one of the two.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, authorized, control, finished, json, submit } from "./calls.mjs";
import { metricsAt, percentile, residentMb, sumOf } from "./measurements.mjs";
import { withTarget } from "./targets.mjs";

const REQUESTS = Number(process.env["BENCH_IN_FLIGHT"] ?? 10_000);
const WORKERS = 2;
const PER_SECOND = 172;
const RAMP_SECONDS = Math.ceil(REQUESTS / PER_SECOND);
/** A little longer, so that all are in flight before the first one ends. */
const RENDER_SECONDS = RAMP_SECONDS + 2;
const SAMPLE_MS = 5000;
/** When the number of jobs does not change for so long after the last render. */
const GIVE_UP_MS = 120_000;
const MODES = [
  { name: "polls", lagMs: 10_000 },
  { name: "webhooks", lagMs: 500 },
];
const MOST_MB = 700;

/** @typedef {import("./calls.mjs").Stack} Stack */
/**
 * @typedef {{
 *   rssMb: number, loopDelayMs: number, steps: number, sleeping: number, redisBytes: number, atMs: number,
 * }} Sample
 */

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function inFlight({ dataDir, redisServer }) {
  const lines = [
    `${REQUESTS} renders of ${RENDER_SECONDS} s in flight on ${WORKERS} workers, submitted over ${RAMP_SECONDS} s:`,
  ];
  const only = process.env["BENCH_IN_FLIGHT_BY"];
  for (const mode of MODES.filter(({ name }) => only === undefined || name === only)) {
    lines.push(...(await measure({ dataDir: join(dataDir, mode.name), redisServer, mode })));
  }
  return lines;
}

/** @typedef {typeof MODES[number]} Mode */

/** @param {{ dataDir: string, redisServer: string | undefined, mode: Mode }} bench */
async function measure({ dataDir, redisServer, mode }) {
  const port = await freePort("127.0.0.1");
  // Each process takes the next port; all are below the range of outgoing connections.
  const metricsPort = 20_000 + Math.floor(Math.random() * 10_000);
  const stack = await startStack({
    ...{ dataDir, redisServer, port, workers: WORKERS },
    env: {
      POSTERS: "false",
      SIMULATOR_RENDER_SECONDS: "1",
      LOG_LEVEL: "warn",
      METRICS_PORT: String(metricsPort),
      ...(mode.name === "webhooks" ? { PUBLIC_URL: `http://127.0.0.1:${port}` } : {}),
    },
  });
  try {
    await finished(stack, await submit(stack)); // draws the video once: later renders take exactly the simulated time
    await control(stack, { render_seconds: RENDER_SECONDS, queue_seconds: 0 });
    const idleBytes = await redisBytes(stack);
    const sampler = startSampler(stack, metricsPort + 1);
    const ids = await atPace({ count: REQUESTS, perSecond: PER_SECOND }, () => submitAgain(stack));
    await allEnded(stack);
    const samples = await sampler.stop();
    const lags = await lagsOf(stack, ids);
    return report(mode, { lags, samples, idleBytes });
  } finally {
    await stack.stop();
  }
}

/** @param {Mode} mode @param {{ lags: number[], samples: Sample[], idleBytes: number }} measured */
function report(mode, { lags, samples, idleBytes }) {
  const peak = samples.reduce((best, one) => (one.sleeping > best.sleeping ? one : best));
  const most = (/** @type {"rssMb" | "loopDelayMs"} */ name) => Math.max(...samples.map((one) => one[name]));
  const rates = samples.slice(1).map((one, index) => {
    const before = /** @type {Sample} */ (samples[index]);
    return ((one.steps - before.steps) * 1000) / (one.atMs - before.atMs);
  });
  const kb = ((peak.redisBytes - idleBytes) / Math.max(1, peak.sleeping) / 1024).toFixed(1);
  const [p50, p99] = [percentile(lags, 0.5), percentile(lags, 0.99)];
  const delay = most("loopDelayMs").toFixed(1);
  const name = `by ${mode.name}`;
  return [
    `  ${withTarget(`${name}, completion lag p99`, p99, { atMost: mode.lagMs, unit: " ms" })} (p50 ${p50} ms, max ${lags.at(-1)} ms)`,
    `    ${withTarget(`${name}, workers in all`, most("rssMb"), { atMost: MOST_MB, unit: " MB" })}; event-loop delay p99 at most ${delay} ms in any ${SAMPLE_MS / 1000} s`,
    `    at most ${Math.round(Math.max(...rates))} steps/s; at most ${peak.sleeping} asleep, ${kb} KB of Redis memory each`,
  ];
}

/** A busy machine may answer 503, which means that nothing was accepted. @param {Stack} stack */
async function submitAgain(stack) {
  for (let tries = 0; tries < 50; tries += 1) {
    const id = await submit(stack).catch((error) => {
      if (!error.message.includes("answered 503")) throw error;
    });
    if (id !== undefined) return id;
    await sleep(200);
  }
  throw new Error("no submit was accepted for 10 s");
}

/** @param {Stack} stack */
async function allEnded(stack) {
  let last = { jobs: Number.NaN, at: Date.now() };
  while (last.jobs !== 0) {
    await sleep(1000);
    const { queues } = await json(`${stack.baseUrl}/api/v1/health`);
    const { waiting, active, delayed } = queues.fal;
    const jobs = waiting + active + delayed;
    if (jobs !== last.jobs) last = { jobs, at: Date.now() };
    if (Date.now() - last.at > RENDER_SECONDS * 1000 + GIVE_UP_MS) throw new Error(`${jobs} renders did not end.`);
  }
}

/** The time from the end of each render to the end of its request. @param {Stack} stack @param {string[]} ids */
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
  return lags.sort((one, other) => one - other);
}

/** Measures the workers and Redis every SAMPLE_MS. @param {Stack} stack @param {number} firstPort of their metrics */
function startSampler(stack, firstPort) {
  /** @type {Sample[]} */
  const samples = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await sleep(SAMPLE_MS);
      const metrics = await Promise.all(stack.workers.map((_, index) => metricsAt(firstPort + index)));
      const { queues } = await json(`${stack.baseUrl}/api/v1/health`);
      samples.push({
        rssMb: stack.workers.reduce((sum, { pid }) => sum + residentMb(pid), 0),
        loopDelayMs: Math.max(...metrics.map((one) => sumOf(one, "nodejs_eventloop_lag_p99_seconds"))) * 1000,
        steps: metrics.reduce((sum, one) => sum + sumOf(one, "visgate_step_seconds_count"), 0),
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
