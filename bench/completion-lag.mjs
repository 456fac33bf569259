/** From the provider being done to `completed` being readable: renders that arrive one after another, and all at once. */
import { setTimeout as sleep } from "node:timers/promises";
import { startStack } from "../scripts/lib/stack.mjs";
import { percentile } from "./statistics.mjs";

const REQUESTS = 200;
const RENDER_SECONDS = 3;
const ARRIVAL_GAP_MS = 50;
/** The shipped rhythm for renders of this age: fal's shortest, with its jitter. */
const POLL_INTERVAL_MS = 550;

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function completionLag({ dataDir, redisServer }) {
  const env = { SIMULATOR_RENDER_SECONDS: String(RENDER_SECONDS) };
  const stack = await startStack({ dataDir, redisServer, env });
  try {
    await control(stack, "settings", { render_seconds: RENDER_SECONDS, queue_seconds: 0 });
    await finished(stack, await submit(stack)); // draws the film: from here on the render time is the simulated one
    const spread = await measure(stack, ARRIVAL_GAP_MS);
    const burst = await measure(stack, 0);
    const bound = POLL_INTERVAL_MS + 100;
    return [
      `Completion lag, ${REQUESTS} renders of ${RENDER_SECONDS} s (one poll interval + 100 ms is ${bound} ms):`,
      `  ${1000 / ARRIVAL_GAP_MS} a second: p50 ${spread.p50} ms, p99 ${spread.p99} ms`,
      `  all at once: p50 ${burst.p50} ms, p99 ${burst.p99} ms`,
    ];
  } finally {
    await stack.stop();
  }
}

/** @param {Stack} stack @param {number} gapMs between two submits */
async function measure(stack, gapMs) {
  /** @type {Promise<string>[]} */
  const submitted = [];
  for (let sent = 0; sent < REQUESTS; sent += 1) {
    submitted.push(submit(stack));
    if (gapMs > 0) await sleep(gapMs);
  }
  const ended = await Promise.all(submitted.map(async (id) => finished(stack, await id)));
  const submits = /** @type {any[]} */ (await (await fetch(`${stack.simulatorUrl}/control/requests`)).json());
  const doneAt = new Map(submits.map((one) => [one.provider_request_id, one.at + RENDER_SECONDS * 1000]));
  const lags = ended.map((one) => Date.parse(one.completed_at) - (doneAt.get(one.provider_request_id) ?? Number.NaN));
  return { p50: percentile(lags, 0.5), p99: percentile(lags, 0.99) };
}

/** @typedef {Awaited<ReturnType<typeof startStack>>} Stack */

/** @param {Stack} stack @param {string} path @param {object} body */
async function control(stack, path, body) {
  await fetch(`${stack.simulatorUrl}/control/${path}`, { method: "PUT", body: JSON.stringify(body) });
}

/** @param {Stack} stack @returns {Promise<string>} */
async function submit(stack) {
  const response = await fetch(`${stack.baseUrl}/api/v1/videos/generate`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${stack.apiKey}`,
      ...{ "content-type": "application/json", prefer: "respond-async" },
    },
    body: JSON.stringify({ model: "fal-ai/veo3", prompt: "a bird flying over the sea", duration_seconds: 4 }),
  });
  return /** @type {any} */ (await response.json()).id;
}

/** @param {Stack} stack @param {string} id @returns {Promise<any>} */
async function finished(stack, id) {
  const url = `${stack.baseUrl}/api/v1/requests/${id}?wait=60`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${stack.apiKey}` } });
  const request = /** @type {any} */ (await answer.json());
  if (request.status !== "completed") throw new Error(`request ${id} is ${request.status}`);
  return request;
}
