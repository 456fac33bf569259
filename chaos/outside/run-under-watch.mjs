/** A run: callers, watchers and the webhook receiver around a system that is disturbed. Returns what they saw. */
import { setMaxListeners } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../random.mjs";
import { SECRET } from "../world.mjs";
import { makeCalls } from "./caller.mjs";
import { startReceiver } from "./receiver.mjs";
import { sampleResources } from "./resources.mjs";
import { getJson, readFeed, watchRequests } from "./watcher.mjs";

/** After the last fault, every request must end within this time. The search for a lost submit takes the most of it. */
const SETTLE_MS = 180_000;

/**
 * @typedef {{
 *   journals: import("../journal.mjs").Journals, baseUrls: string[], simulatorUrl: string, logDir: string,
 *   processes: readonly { name: string, current: { pid: number } }[],
 * }} WatchedWorld
 */

/**
 * Calls that are not made yet when `disturb` has ended are made too, or left out with `stopCalls`.
 * @param {{
 *   world: WatchedWorld, calls: import("../plan.mjs").Call[], seed: number, address?: string, stopCalls?: boolean,
 * }} options `address`: where webhooks arrive
 * @param {() => Promise<void>} disturb
 * @returns {Promise<any>}
 */
export async function runUnderWatch({ world, calls, seed, address, stopCalls = false }, disturb) {
  const { journals, baseUrls } = world;
  const outside = new AbortController();
  const calling = new AbortController();
  const signals = { watching: outside.signal, calling: AbortSignal.any([outside.signal, calling.signal]) };
  for (const signal of Object.values(signals)) setMaxListeners(0, signal); // every waiting call listens
  try {
    const receiver = await startReceiver({
      ...{ journals, random: createRandom(seed * 10 + 5), address },
      readSecret: async () => (await getJson(`${baseUrls[0]}/api/v1/webhooks/default/secret`))?.body.key,
    });
    const watching = { baseUrls, journals, signal: signals.watching };
    const watcher = watchRequests(watching);
    const feed = readFeed(watching);
    const resources = sampleResources({ ...watching, processes: world.processes });
    const made = makeCalls({ ...watching, signal: signals.calling, calls, seed, hookUrl: receiver.url });
    await disturb();
    if (stopCalls) calling.abort();
    await made;
    await settled(journals, watcher);
    outside.abort();
    await Promise.all([watcher.done, feed, resources]);
    const history = await readHistory(world);
    await receiver.close();
    return history;
  } finally {
    outside.abort();
  }
}

/**
 * Waits until every acknowledged request has ended and its webhook has arrived, or the time is over.
 * @param {import("../journal.mjs").Journals} journals @param {ReturnType<typeof watchRequests>} watcher
 */
async function settled(journals, watcher) {
  const until = Date.now() + SETTLE_MS;
  while (Date.now() < until) {
    const acknowledged = journals.read("acknowledged");
    const arrived = new Set(
      journals
        .read("webhooks")
        .filter(({ status }) => status === 200)
        .map(({ id }) => id),
    );
    const told = new Set(journals.read("feed").map(({ id, type }) => `${id} ${/completed|failed/.test(type)}`));
    const isDone = acknowledged.every(({ id, hook }) => (!hook || arrived.has(id)) && told.has(`${id} true`));
    if (isDone && watcher.openCount() === 0 && watcher.knownCount() >= acknowledged.length) return;
    await sleep(500);
  }
}

/** @param {WatchedWorld} world @returns {Promise<any>} */
async function readHistory({ journals, simulatorUrl, logDir }) {
  const control = async (/** @type {string} */ what) => (await fetch(`${simulatorUrl}/control/${what}`)).json();
  const names = [
    "acknowledged",
    "answers",
    "statuses",
    "ends",
    "webhooks",
    "feed",
    "stops",
    "faults",
    "exits",
    "resources",
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, journals.read(name)])),
    submits: await control("requests"),
    jobs: await control("jobs"),
    leaks: readdirSync(logDir).filter((name) => readFileSync(join(logDir, name), "utf8").includes(SECRET)),
  };
}
