/**
 * Submits and status polls per second: the gateway and the bare server in turns, on one Redis. Each has a worker that
 * drains its queue, since jobs that nobody takes cost less than those that are taken.
 */
import { join } from "node:path";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { startService } from "../scripts/lib/processes/services.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { finished, headersOf, keyOf } from "./calls.mjs";
import { describeLoad, inTurns } from "./load.mjs";
import { withTarget } from "./targets.mjs";

const INPUT = {
  ...{ model: "fal-ai/veo3", prompt: "a bird flying over the sea", duration_seconds: 6 },
  params: { aspect_ratio: "16:9", generate_audio: true },
};
/** Without cache `off` equal bodies would share one request. */
const EQUAL = { body: JSON.stringify({ ...INPUT, cache: "off" }) };
/** The load for the bare server generates an id for each call too, so that both sides do the same work. */
const DIFFERENT = { body: JSON.stringify({ ...INPUT, prompt: `${INPUT.prompt} [<id>]` }), idReplacement: true };
const JSON_TYPE = { "content-type": "application/json" };

/** @typedef {import("./load.mjs").Target} Target */

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function compareWithBare({ dataDir, redisServer, options }) {
  const stack = await startStack({ dataDir, redisServer, env: { SIMULATOR_RENDER_SECONDS: "1" } });
  const port = await freePort();
  const start = (/** @type {string} */ name, env = {}) =>
    startProgram(name, { dataDir, redisUrl: stack.redisUrl, env });
  const programs = [start("bare-server", { PORT: String(port) }), start("bare-worker")];
  await Promise.all(programs.map(({ ready }) => ready));
  const bare = { url: `http://127.0.0.1:${port}` };
  try {
    const headers = headersOf(stack);
    const ours = { url: `${stack.baseUrl}/api/v1/videos/generate`, method: /** @type {const} */ ("POST"), headers };
    const theirs = { url: `${bare.url}/submit`, method: /** @type {const} */ ("POST"), headers: JSON_TYPE };
    const submits = { ours: { ...ours, ...EQUAL }, theirs: { ...theirs, ...EQUAL } };
    const different = { ours: { ...ours, ...DIFFERENT }, theirs: { ...theirs, ...DIFFERENT } };
    const keyed = { ours: withKey(submits.ours), theirs: withKey(submits.theirs) };
    const hits = { ours: await hitOf(stack, ours), theirs: submits.theirs };
    programs.push(start("draining-worker"));
    await programs.at(-1)?.ready;
    const polls = {
      ours: { ...get(`${stack.baseUrl}/api/v1/requests/${await firstId(submits.ours)}`), headers: keyOf(stack) },
      theirs: get(`${bare.url}/status/${await firstId(submits.theirs)}`),
    };
    return [
      "Against a bare Hono + BullMQ server, same run, same Redis (appendfsync always), each with a worker:",
      await compare("submit", submits, { ...options, target: 1.2 }),
      await compare("submit with a cache lookup, every prompt different", different, options),
      await compare("submit with Idempotency-Key", keyed, { ...options, target: 1 }),
      await compare("status poll", polls, { ...options, target: 1.2 }),
      await compare("cache hit, against a bare submit", hits, { ...options, target: 1.2 }),
    ];
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await stack.stop();
  }
}

/** @param {Target} target @returns {Target} */
const withKey = (target) => ({
  ...target,
  idReplacement: true,
  headers: { ...target.headers, "idempotency-key": "[<id>]" },
});

/** @param {string} url @returns {Target} */
const get = (url) => ({ url, method: "GET" });

/** @param {string} name @param {{ dataDir: string, redisUrl: string, env: object }} options */
function startProgram(name, { dataDir, redisUrl, env }) {
  const entry = new URL(`${name}.mjs`, import.meta.url).pathname;
  const own = { PATH: process.env["PATH"] ?? "", REDIS_URL: redisUrl, ...env };
  return startService({ name, entry, env: own, logFile: join(dataDir, `${name}.log`) });
}

/** @param {Target} target @returns {Promise<string>} */
async function firstId({ url, method, headers = {}, body = "" }) {
  const response = await fetch(url, { method, headers, body });
  return /** @type {any} */ (await response.json()).id;
}

/**
 * @param {string} name
 * @param {{ ours: Target, theirs: Target }} sides
 * @param {{ rounds: number, seconds: number, target?: number }} options
 */
async function compare(name, sides, options) {
  const { ours, theirs, ratioOf } = await inTurns(sides, options);
  const rounds = `${options.rounds} rounds of ${options.seconds} s`;
  const both = `ours ${describeLoad(ours)}; bare ${describeLoad(theirs)}`;
  const ratio = ratioOf("perSecond");
  const figure =
    options.target === undefined
      ? `${name}: ${ratio.toFixed(2)}x`
      : withTarget(name, ratio, { atLeast: options.target, unit: "x" });
  return `  ${figure}  (${both}; ${rounds})`;
}

/**
 * Renders the output that is then in the cache, with a worker that is stopped afterwards.
 * @param {import("./calls.mjs").Stack} stack @param {Target} target @returns {Promise<Target>}
 */
async function hitOf(stack, target) {
  const hit = { ...target, body: JSON.stringify({ ...INPUT, prompt: "an output in the cache" }) };
  await finished(stack, await firstId(hit));
  await stack.workers[0]?.stop();
  return hit;
}
