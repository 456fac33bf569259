#!/usr/bin/env node
/**
 * `npm run screenshots -- [DIR]`: pictures of every page of the console in light and dark colors and in the width of a
 * phone, over a stack with some requests. DIR: default .data/screenshots.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "./lib/programs/chromium.mjs";
import { createReport } from "./lib/progress.mjs";
import { prepare } from "./lib/stack/prepare.mjs";
import { EXAMPLE } from "./lib/stack/providers.mjs";
import { startStack } from "./lib/stack/stack.mjs";

const LOOKS = /** @type {const} */ ([
  { name: "light", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "phone", colorScheme: "light", viewport: { width: 390, height: 844 } },
]);
const SETTLE_MS = 700;
const VIDEOS = [
  "a lighthouse in a storm, seen from the sea at dusk",
  "a paper boat on a rain puddle, close to the ground",
  "slow pan over a kitchen where bread is being baked",
  "an astronaut waters tomatoes on the moon",
  "a fox crosses a snowy road and looks into the camera",
];

const report = createReport();
const dir = resolve(process.argv[2] ?? ".data/screenshots");
const dataDir = mkdtempSync(join(tmpdir(), "visgate-screenshots-"));
mkdirSync(dir, { recursive: true });
const found = await prepare({ dataDir, env: { ...process.env, REDIS_URL: "" }, report });
const env = { SIMULATOR_RENDER_SECONDS: "1", ALLOW_PRIVATE_URLS: "true", LOG_LEVEL: "warn" };
const stack = await startStack({ dataDir, redisServer: found.redisServer, workers: 1, env });
const browser = await chromium.launch({ executablePath: await findChromium(), args: ["--headless", "--no-sandbox"] });
try {
  const opened = await makeRequests();
  for (const { name, ...look } of LOOKS) {
    const page = await (await browser.newContext(look)).newPage();
    await page.goto(`${stack.baseUrl}/console`);
    await page.screenshot({ path: join(dir, `sign-in-${name}.png`) });
    await page.getByLabel("API key").fill(stack.apiKey);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForSelector("nav");
    for (const link of ["requests", `requests/${opened}`, "new", "models", "usage", "webhooks", "system"]) {
      await page.evaluate(`location.hash = "#/${link}"`);
      await page.waitForSelector("h1");
      // The feed is always open, so the network is never idle.
      await page.waitForTimeout(SETTLE_MS);
      await page.evaluate("Promise.all([...document.images].map((image) => image.decode().catch(() => {})))");
      const title = link === `requests/${opened}` ? "request" : link;
      await page.screenshot({ path: join(dir, `${title}-${name}.png`) });
    }
    await page.context().close();
  }
  report.line(`The pictures are in ${dir}.`);
} finally {
  await browser.close();
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Returns the id of one to open. */
async function makeRequests() {
  const hook = `${stack.baseUrl}/api/v1/health`;
  await call("POST", "/webhook-endpoints", { url: hook, description: "the shop" });
  await call("PUT", "/budgets", { subject: "organization", period: "month", limit_usd: 10 });
  const ids = [];
  for (const prompt of VIDEOS) {
    const body = { model: EXAMPLE.model, prompt, duration_seconds: 4, metadata: { project: "spring" } };
    ids.push((await call("POST", "/videos/generate", body)).request_id);
  }
  await call("POST", "/generate", { prompt: "a red fox, watercolor" });
  for (const id of ids) await call("GET", `/requests/${id}?wait=60`);
  const slow = JSON.stringify({ render_seconds: 120 });
  await fetch(`${stack.simulatorUrl}/control/settings`, { method: "PUT", body: slow });
  await call("POST", "/videos/generate", { model: EXAMPLE.model, prompt: "clouds over a wheat field" });
  return ids[0];
}

/** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
async function call(method, path, body) {
  const answer = await fetch(`${stack.baseUrl}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${stack.apiKey}`,
      "content-type": "application/json",
      prefer: "respond-async",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json();
}
