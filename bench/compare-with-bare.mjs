/** Submits and status polls per second, the gateway and the bare server in turns on one Redis. */
import { join } from "node:path";
import autocannon from "autocannon";
import { freePort } from "../scripts/lib/ports.mjs";
import { startService } from "../scripts/lib/services.mjs";
import { startStack } from "../scripts/lib/stack.mjs";
import { median } from "./statistics.mjs";

const CONNECTIONS = 64;
const BODY = JSON.stringify({
  ...{ model: "fal-ai/veo3", prompt: "a bird flying over the sea", duration_seconds: 6 },
  params: { aspect_ratio: "16:9", generate_audio: true },
});
const JSON_TYPE = { "content-type": "application/json" };

/**
 * @typedef {{ url: string, method: "GET" | "POST", headers?: Record<string, string>, body?: string }} Target
 * @typedef {{ perSecond: number, p50: number, p99: number }} Load
 */

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function compareWithBare({ dataDir, redisServer, options }) {
  const stack = await startStack({ dataDir, redisServer, env: { SIMULATOR_RENDER_SECONDS: "1" }, workers: 0 });
  const bare = await startBareServer(stack.redisUrl, join(dataDir, "bare.log"));
  try {
    const key = { authorization: `Bearer ${stack.apiKey}` };
    const api = `${stack.baseUrl}/api/v1`;
    const submits = {
      ours: () => post(`${api}/videos/generate`, { ...key, ...JSON_TYPE, prefer: "respond-async" }),
      bare: () => post(`${bare.url}/submit`, JSON_TYPE),
    };
    const keyed = {
      ours: () => post(`${api}/videos/generate`, { ...key, ...JSON_TYPE, prefer: "respond-async" }, true),
      bare: () => post(`${bare.url}/submit`, JSON_TYPE, true), // pays for the load's making up of keys too
    };
    const ourId = await firstId(submits.ours());
    const bareId = await firstId(submits.bare());
    const polls = {
      ours: () => ({ url: `${api}/requests/${ourId}`, method: /** @type {const} */ ("GET"), headers: key }),
      bare: () => ({ url: `${bare.url}/status/${bareId}`, method: /** @type {const} */ ("GET") }),
    };
    return [
      "Against a bare Hono + BullMQ server, same run, same Redis (appendfsync always), no worker:",
      await compare("submit", submits, options),
      await compare("submit with Idempotency-Key", keyed, options),
      await compare("status poll", polls, options),
    ];
  } finally {
    await bare.service.stop();
    await stack.stop();
  }
}

/** @param {string} url @param {Record<string, string>} headers @param {boolean} [withKey] */
function post(url, headers, withKey = false) {
  const target = { url, method: /** @type {const} */ ("POST"), headers, body: BODY };
  return withKey ? { ...target, idReplacement: true, headers: { ...headers, "idempotency-key": "[<id>]" } } : target;
}

/** @param {string} redisUrl @param {string} logFile */
async function startBareServer(redisUrl, logFile) {
  const port = await freePort();
  const entry = new URL("bare-server.mjs", import.meta.url).pathname;
  const env = { PATH: process.env["PATH"] ?? "", REDIS_URL: redisUrl, PORT: String(port) };
  const service = startService({ name: "bare server", entry, env, logFile });
  await service.ready;
  return { service, url: `http://127.0.0.1:${port}` };
}

/** @param {Target} target @returns {Promise<string>} */
async function firstId({ url, method, headers = {}, body }) {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return /** @type {any} */ (await response.json()).id;
}

/**
 * @param {string} name
 * @param {{ ours: () => Target, bare: () => Target }} sides
 * @param {{ rounds: number, seconds: number }} options
 */
async function compare(name, sides, { rounds, seconds }) {
  await load(sides.ours(), 1);
  await load(sides.bare(), 1);
  /** @type {{ ours: Load, bare: Load }[]} */
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    // Each goes first every other time, so that neither always finds the warmer machine.
    if (round % 2 === 0) {
      const ours = await load(sides.ours(), seconds);
      results.push({ ours, bare: await load(sides.bare(), seconds) });
    } else {
      const bare = await load(sides.bare(), seconds);
      results.push({ ours: await load(sides.ours(), seconds), bare });
    }
  }
  const ratio = median(results.map(({ ours, bare }) => ours.perSecond / bare.perSecond));
  const of = (/** @type {"ours" | "bare"} */ side) => {
    const value = (/** @type {keyof Load} */ field) => median(results.map((result) => result[side][field]));
    return `${Math.round(value("perSecond"))}/s, p50 ${value("p50")} ms, p99 ${value("p99")} ms`;
  };
  return `  ${name}: ${ratio.toFixed(2)}x  (ours ${of("ours")}; bare ${of("bare")}; ${rounds} rounds of ${seconds} s)`;
}

/** @param {Target} target @param {number} seconds @returns {Promise<Load>} */
async function load(target, seconds) {
  const result = await autocannon({ ...target, connections: CONNECTIONS, duration: seconds });
  const wrong = result.non2xx + result.errors;
  if (wrong > 0) throw new Error(`${wrong} calls of ${target.url} were not answered with 2xx`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}
