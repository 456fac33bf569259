/**
 * The time from the end of a render to a readable `completed`: for a steady arrival of renders, and for all at once.
 */
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, control, finished, json, submit } from "./calls.mjs";
import { percentile } from "./measurements.mjs";

const REQUESTS = 200;
const RENDER_SECONDS = 3;
const PER_SECOND = 20;
/** The default poll interval for renders of this age: fal's shortest, with its jitter. */
const POLL_INTERVAL_MS = 550;

/** @typedef {import("./calls.mjs").Stack} Stack */

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function completionLag({ dataDir, redisServer }) {
  const env = { POSTERS: "false", SIMULATOR_RENDER_SECONDS: String(RENDER_SECONDS) };
  const stack = await startStack({ dataDir, redisServer, env });
  try {
    await control(stack, { render_seconds: RENDER_SECONDS, queue_seconds: 0 });
    await finished(stack, await submit(stack)); // draws the video once: later renders take exactly the simulated time
    const spread = await measure(stack, PER_SECOND);
    const burst = await measure(stack, Number.POSITIVE_INFINITY);
    const bound = POLL_INTERVAL_MS + 100;
    return [
      `Completion lag, ${REQUESTS} renders of ${RENDER_SECONDS} s (one poll interval + 100 ms is ${bound} ms):`,
      `  ${PER_SECOND} a second: p50 ${spread.p50} ms, p99 ${spread.p99} ms`,
      `  all at once: p50 ${burst.p50} ms, p99 ${burst.p99} ms`,
    ];
  } finally {
    await stack.stop();
  }
}

/** @param {Stack} stack @param {number} perSecond */
async function measure(stack, perSecond) {
  const ended = await atPace({ count: REQUESTS, perSecond }, async () => finished(stack, await submit(stack)));
  const submits = /** @type {any[]} */ (await json(`${stack.simulatorUrl}/control/requests`));
  const doneAt = new Map(submits.map((one) => [one.provider_request_id, one.at + RENDER_SECONDS * 1000]));
  const lags = ended.map((one) => Date.parse(one.completed_at) - (doneAt.get(one.provider_request_id) ?? Number.NaN));
  return { p50: percentile(lags, 0.5), p99: percentile(lags, 0.99) };
}
