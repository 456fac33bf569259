/**
 * The console in a real browser: how soon it can be used from a cold cache, how smoothly ten thousand requests scroll, and
 * what an open console costs the API beside a caller that waits for events.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { chromium } from "playwright-core";
import { findChromium } from "../scripts/lib/programs/chromium.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { authorized, submit } from "./calls.mjs";
import { median, percentile } from "./measurements.mjs";
import { createMeasure, sum } from "./processor-time.mjs";
import { createRequestWriter } from "./request-writer.mjs";
import { withTarget } from "./targets.mjs";

const REQUESTS = 10_000;
const BATCH = 200;
const STARTS = 5;
const FRAME_MS = 1000 / 50;
const SCROLL_MS = 5000;
const WATCHERS = 4;
const WATCH_MS = 15_000;
const SUBMITS_PER_SECOND = 3;

/** @typedef {import("playwright-core").Page} Page */

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number } }} bench */
export async function consolePage({ dataDir, redisServer, options: { rounds } }) {
  const metricsPort = 20_000 + Math.floor(Math.random() * 10_000);
  const env = {
    SIMULATOR_RENDER_SECONDS: "0.5",
    LOG_LEVEL: "warn",
    POSTERS: "false",
    METRICS_PORT: String(metricsPort),
  };
  const stack = await startStack({ dataDir, redisServer, workers: 1, env });
  const redis = new Redis(stack.redisUrl);
  const profile = mkdtempSync(join(tmpdir(), "visgate-bench-browser-"));
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath: await findChromium(), args });
  /** A browser without a cache. */
  const open = async () => {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.goto(`${stack.baseUrl}/console#key=${stack.apiKey}`);
    return page;
  };
  try {
    const writeRequest = await createRequestWriter(redis, await submit(stack));
    for (let from = 0; from < REQUESTS; from += BATCH) {
      await Promise.all(Array.from({ length: BATCH }, (_, index) => writeRequest(from + index)));
    }
    const ready = [];
    for (let start = 0; start < STARTS; start += 1) ready.push(await msUntilUsable(open));
    const page = await open();
    const frames = await scrollThrough(page);
    await page.context().close();
    const cost = await costBeside(stack, { open, measure: createMeasure([redis], metricsPort), rounds });
    const rate = (frames.length * 1000) / sum(frames);
    const late = frames.filter((ms) => ms > FRAME_MS).length / frames.length;
    return [
      "The console, in Chromium on this machine:",
      `  ${withTarget("usable from a cold cache", median(ready), { atMost: 1000, unit: " ms" })}`,
      `  ${withTarget(`${REQUESTS} requests scroll, frames a second`, rate, { atLeast: 50 })}`,
      `    frames later than ${FRAME_MS} ms: ${(late * 100).toFixed(1)} %, p99 ${percentile(frames, 0.99).toFixed(1)} ms`,
      `  ${withTarget("an open console beside a caller that waits for events", cost, { atMost: 3, unit: "x" })}`,
    ];
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
    redis.disconnect();
    await stack.stop();
  }
}

/** Until the rows of the list can be clicked. @param {() => Promise<Page>} open */
async function msUntilUsable(open) {
  const began = performance.now();
  const page = await open();
  await page.waitForSelector(".row a");
  const ms = performance.now() - began;
  await page.context().close();
  return ms;
}

/** Run in the page: scrolls to the end until all of the requests are in the list. */
const LOAD_ALL = `(async () => {
  const box = document.querySelector(".rows");
  const rowHeight = document.querySelector(".row").offsetHeight;
  while (box.scrollHeight < ${REQUESTS} * rowHeight) {
    box.scrollTop = box.scrollHeight;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  box.scrollTop = 0;
})()`;
/** Run in the page: scrolls from the first to the last. Returns the times between the frames, in ms. */
const SCROLL = `new Promise((resolve) => {
  const box = document.querySelector(".rows");
  const times = [];
  const began = performance.now();
  let last = began;
  const next = (now) => {
    times.push(now - last);
    last = now;
    box.scrollTop = ((now - began) / ${SCROLL_MS}) * (box.scrollHeight - box.clientHeight);
    if (now - began < ${SCROLL_MS}) requestAnimationFrame(next);
    else resolve(times.slice(2));
  };
  requestAnimationFrame(next);
})`;

/** @param {Page} page @returns {Promise<number[]>} */
async function scrollThrough(page) {
  await page.waitForSelector(".row a");
  await page.evaluate(LOAD_ALL);
  return /** @type {Promise<number[]>} */ (page.evaluate(SCROLL));
}

/**
 * Processor time of the API beyond that of the submits themselves.
 * @param {import("../scripts/lib/stack/stack.mjs").Stack} stack
 * @param {{ open: () => Promise<Page>, measure: import("./processor-time.mjs").Measure, rounds: number }} bench
 */
async function costBeside(stack, { open, measure, rounds }) {
  const watched = async () => (await measure(() => submitFor(stack, WATCH_MS).then(() => 1))).api;
  const ratios = [];
  for (let round = 0; round < rounds; round += 1) {
    const alone = await watched();
    const callers = Array.from({ length: WATCHERS }, () => followEvents(stack));
    const withCallers = await watched();
    await Promise.all(callers.map((stop) => stop()));
    const pages = await Promise.all(Array.from({ length: WATCHERS }, open));
    await Promise.all(pages.map((page) => page.waitForSelector(".row a")));
    const withPages = await watched();
    await Promise.all(pages.map((page) => page.context().close()));
    ratios.push((withPages - alone) / (withCallers - alone));
  }
  return median(ratios);
}

/** @param {import("../scripts/lib/stack/stack.mjs").Stack} stack @param {number} ms */
async function submitFor(stack, ms) {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(1000 / SUBMITS_PER_SECOND)) {
    await submit(stack);
  }
}

/** A caller of GET /events?wait=, call after call. @param {import("../scripts/lib/stack/stack.mjs").Stack} stack */
function followEvents(stack) {
  const stopping = new AbortController();
  const running = (async () => {
    const { latest } = await authorized(stack, "/events?limit=1");
    for (let after = latest; !stopping.signal.aborted; ) {
      const headers = { authorization: `Bearer ${stack.apiKey}` };
      const url = `${stack.baseUrl}/api/v1/events?after=${after}&wait=30`;
      const answer = await fetch(url, { headers, signal: stopping.signal }).catch(() => null);
      const page = /** @type {{ next_after: number } | null} */ (await answer?.json().catch(() => null));
      after = page?.next_after ?? after;
    }
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}
