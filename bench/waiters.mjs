/**
 * Thousands of callers wait on one API process, each for its own request: the memory that they need, how soon each is
 * answered when its request ends, and how long it takes when all end at once. With long polls and with event streams.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, keyOf, submit } from "./calls.mjs";
import { createEnder } from "./end-requests.mjs";
import { percentile, residentMb } from "./measurements.mjs";

const CALLERS = Number(process.env["BENCH_WAITERS"] ?? 5000);
const SUBMITS_PER_SECOND = 1000;
const ENDS_PER_SECOND = 500;
const SETTLE_MS = 3000;
const KINDS = { "?wait=60": "?wait=60", "server-sent events": "/events" };

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function waiters({ dataDir, redisServer }) {
  const lines = [`${CALLERS} callers wait on one API process, each for its own request, no worker:`];
  for (const [name, path] of Object.entries(KINDS)) {
    for (const perSecond of [ENDS_PER_SECOND, Number.POSITIVE_INFINITY]) {
      const stack = await startStack({ dataDir: join(dataDir, `${lines.length}`), redisServer, workers: 0 });
      try {
        lines.push(`  ${name}, ${describe(perSecond, await measure(stack, path, perSecond))}`);
      } finally {
        await stack.stop();
      }
    }
  }
  return lines;
}

/** @param {import("./calls.mjs").Stack} stack @param {string} path @param {number} perSecond */
async function measure(stack, path, perSecond) {
  const ender = await createEnder(stack.redisUrl);
  const clients = fork(new URL("waiting-clients.mjs", import.meta.url).pathname);
  try {
    const memory = () => residentMb(stack.apis[0]?.pid);
    const idleMb = memory();
    const ids = await submitThroughAnotherApi(stack);
    const answer = once(clients, "message");
    const died = once(clients, "exit").then(() => Promise.reject(new Error("A waiting caller was not answered.")));
    const urls = ids.map((id) => `${stack.baseUrl}/api/v1/requests/${id}${path}`);
    clients.send({ urls, headers: keyOf(stack) });
    await Promise.race([ender.subscribed(CALLERS), died]);
    await sleep(SETTLE_MS);
    const waitingMb = memory();
    const [, [{ arrivals }]] = await Promise.race([Promise.all([ender.endAll(ids, perSecond), answer]), died]);
    return { idleMb, waitingMb, arrivals };
  } finally {
    clients.kill();
    ender.close();
  }
}

/**
 * Submits through another API process, which then ends, so that the memory of submits is not counted for the callers.
 * @param {import("./calls.mjs").Stack} stack
 */
async function submitThroughAnotherApi(stack) {
  const port = await freePort();
  await stack.addApi(port);
  const another = { ...stack, baseUrl: `http://127.0.0.1:${port}` };
  const ids = await atPace({ count: CALLERS, perSecond: SUBMITS_PER_SECOND }, () => submit(another));
  await stack.apis[1]?.stop();
  return ids;
}

/**
 * @param {number} perSecond
 * @param {{ idleMb: number, waitingMb: number, arrivals: import("./waiting-clients.mjs").Arrival[] }} measured
 */
function describe(perSecond, { idleMb, waitingMb, arrivals }) {
  const lags = arrivals.map(({ completedAt, at }) => at - completedAt);
  const [p50, p99, max] = [percentile(lags, 0.5), percentile(lags, 0.99), Math.max(...lags)];
  const first = Math.min(...arrivals.map(({ completedAt }) => completedAt));
  const spanMs = Math.max(...arrivals.map(({ at }) => at)) - first;
  const memory = `API ${waitingMb} MB while all wait, ${idleMb} MB idle`;
  return Number.isFinite(perSecond)
    ? `${perSecond} end a second: answered after p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; ${memory}`
    : `all end at once: the last is answered ${spanMs} ms after the first transition; ${memory}`;
}
