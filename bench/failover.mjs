/**
 * Ten failovers by Sentinels under load: the primary is killed, and comes back as a replica. How soon after the
 * promotion a call is accepted again, and whether anything was lost or made twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../scripts/lib/processes/processes.mjs";
import { startRedisGroup } from "../scripts/lib/stack/redis-group.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { control, finished, headersOf, json } from "./calls.mjs";
import { percentile } from "./measurements.mjs";

const ROUNDS = 10;
const CALL_EVERY_MS = 50;
const DOWN_MS = 5000;
const WHOLE_WITHIN_MS = 60_000;
/** Small, because the simulator draws each one. */
const PICTURE = { model: "fal-ai/flux/schnell", width: 256, height: 256, cache: "off" };

/** @typedef {import("./calls.mjs").Stack} Stack */

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function failover({ dataDir, redisServer }) {
  const group = await startRedisGroup({
    dir: `${dataDir}-redis`,
    binary: redisServer ?? "",
    password: "bench-password",
  });
  const stack = await startStack({
    ...{ dataDir, redis: { url: group.url }, apis: 2, workers: 2 },
    env: { POSTERS: "false", SIMULATOR_RENDER_SECONDS: "1", LOG_LEVEL: "warn", ACCEPT_REPLICAS: "1" },
  });
  try {
    await control(stack, { queue_seconds: 0 });
    const calls = callSteadily(stack);
    const promotions = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (!(await eventually(() => group.isWhole().catch(() => false), WHOLE_WITHIN_MS)))
        throw new Error("the group did not become whole again");
      await sleep(1000);
      const killed = await group.primary();
      const others = group.servers.filter((server) => server !== killed);
      const killing = killed.kill(DOWN_MS);
      promotions.push(await promotionOf(others));
      await killing;
    }
    const { accepted, refused } = await calls.end();
    const times = promotions.map(
      (at) => Math.min(...accepted.filter((one) => one.sentAt > at).map((one) => one.at)) - at,
    );
    const lost = await countLost(
      stack,
      accepted.map(({ id }) => id),
    );
    const doubled = await countDoubled(stack);
    const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(2)} s`;
    return [
      `${ROUNDS} times kill -9 of the primary, ACCEPT_REPLICAS=1, a call every ${CALL_EVERY_MS} ms:`,
      `  from the promotion to the next 202: p50 ${seconds(percentile(times, 0.5))}, max ${seconds(Math.max(...times))}`,
      `  ${accepted.length} accepted, ${refused} refused; ${lost} lost, ${doubled} made twice`,
    ];
  } finally {
    await stack.stop();
    await group.close();
  }
}

/** When a server says that it is the primary. @param {import("../scripts/lib/stack/redis-group.mjs").LastingRedis[]} servers */
async function promotionOf(servers) {
  const endMs = performance.now() + WHOLE_WITHIN_MS;
  while (performance.now() < endMs) {
    const roles = await Promise.all(servers.map(async ({ command }) => (await command("ROLE")) ?? []));
    if (roles.some((role) => Array.isArray(role) && role[0] === "master")) return performance.now();
    await sleep(5);
  }
  throw new Error("no replica was promoted");
}

/** Calls both APIs in turns until `end`. @param {Stack} stack */
function callSteadily(stack) {
  /** @type {{ id: string, sentAt: number, at: number }[]} */
  const accepted = [];
  let refused = 0;
  let count = 0;
  /** @type {Promise<void>[]} */
  const open = [];
  const call = async () => {
    const sentAt = performance.now();
    const url = `${stack.baseUrls[count % 2]}/api/v1/images/generate`;
    count += 1;
    const body = JSON.stringify({ ...PICTURE, prompt: `call ${count}` });
    const answer = await fetch(url, { method: "POST", headers: headersOf(stack), body }).catch(() => null);
    if (answer?.status !== 202) refused += 1;
    else accepted.push({ id: /** @type {any} */ (await answer.json()).id, sentAt, at: performance.now() });
  };
  const timer = setInterval(() => open.push(call()), CALL_EVERY_MS);
  return {
    async end() {
      clearInterval(timer);
      await Promise.all(open);
      return { accepted, refused };
    },
  };
}

/** Requests that do not complete. @param {Stack} stack @param {string[]} ids */
async function countLost(stack, ids) {
  const ends = await Promise.allSettled(ids.map((id) => finished(stack, id)));
  return ends.filter(({ status }) => status === "rejected").length;
}

/** Prompts for which the provider has more than one job. @param {Stack} stack */
async function countDoubled({ simulatorUrl }) {
  const jobs = /** @type {{ prompt: string }[]} */ (await json(`${simulatorUrl}/control/jobs`));
  const prompts = jobs.map(({ prompt }) => prompt);
  return prompts.length - new Set(prompts).size;
}
