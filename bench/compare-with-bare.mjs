/**
 * Submits and status polls per second: the gateway and the bare server in turns, on one Redis. Each has a worker that
 * drains its queue, since jobs that nobody takes cost less than those that are taken. With `--against DIR`, the build in
 * another checkout is compared with the bare server in the same way first.
 */
import { join } from "node:path";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { startService } from "../scripts/lib/processes/services.mjs";
import { HERE, startStackOf } from "./builds.mjs";
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

/** @typedef {{ ours: Target, theirs: Target }} Sides */
/** @typedef {import("./calls.mjs").Stack} Stack */
/** @typedef {Awaited<ReturnType<typeof inTurns>>} Compared */

/** What is compared, with the least ratio that it should have. */
const TARGETS = {
  submit: 1.2,
  "submit with a cache lookup, every prompt different": undefined,
  "submit with Idempotency-Key": 1,
  "status poll": 1.2,
  "cache hit, against a bare submit": 1.2,
};

/**
 * @typedef {{ rounds: number, seconds: number }} Options
 * @typedef {{ dataDir: string, redisServer: string | undefined, options: Options }} Bench
 */

/** @param {Bench & { against?: string }} bench */
export async function compareWithBare({ against, ...bench }) {
  const before =
    against === undefined ? null : await measure(against, { ...bench, dataDir: join(bench.dataDir, "other") });
  const now = await measure(HERE, { ...bench, dataDir: join(bench.dataDir, "here") });
  return [
    "Against a bare Hono + BullMQ server, same run, same Redis (appendfsync always), each with a worker:",
    ...Object.entries(TARGETS).map(([name, target]) =>
      describe(name, { target, now: now.get(name), before: before?.get(name) }),
    ),
    `  (${bench.options.rounds} rounds of ${bench.options.seconds} s)`,
  ];
}

/** @param {string} root of a built checkout @param {Bench} bench @returns {Promise<Map<string, Compared>>} */
async function measure(root, { dataDir, redisServer, options }) {
  const stack = await startStackOf(root, {
    dataDir,
    redisServer,
    env: { POSTERS: "false", SIMULATOR_RENDER_SECONDS: "1" },
  });
  const port = await freePort();
  const start = (/** @type {string} */ name, env = {}) =>
    startProgram(name, { dataDir, redisUrl: stack.redisUrl, env });
  const programs = [start("bare-server", { PORT: String(port) }), start("bare-worker")];
  try {
    await Promise.all(programs.map(({ ready }) => ready));
    const sides = await sidesOf(stack, `http://127.0.0.1:${port}`);
    programs.push(start("draining-worker"));
    await programs.at(-1)?.ready;
    const results = new Map();
    for (const [name, prepare] of Object.entries(sides)) results.set(name, await inTurns(await prepare(), options));
    return results;
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await stack.stop();
  }
}

/** @param {Stack} stack @param {string} bareUrl @returns {Promise<Record<keyof typeof TARGETS, () => Sides | Promise<Sides>>>} */
async function sidesOf(stack, bareUrl) {
  const headers = headersOf(stack);
  const ours = { url: `${stack.baseUrl}/api/v1/videos/generate`, method: /** @type {const} */ ("POST"), headers };
  const theirs = { url: `${bareUrl}/submit`, method: /** @type {const} */ ("POST"), headers: JSON_TYPE };
  const submits = { ours: { ...ours, ...EQUAL }, theirs: { ...theirs, ...EQUAL } };
  const hit = await hitOf(stack, ours);
  return {
    submit: () => submits,
    "submit with a cache lookup, every prompt different": () => ({
      ours: { ...ours, ...DIFFERENT },
      theirs: { ...theirs, ...DIFFERENT },
    }),
    "submit with Idempotency-Key": () => ({ ours: withKey(submits.ours), theirs: withKey(submits.theirs) }),
    "status poll": async () => ({
      ours: { ...get(`${stack.baseUrl}/api/v1/requests/${await firstId(submits.ours)}`), headers: keyOf(stack) },
      theirs: get(`${bareUrl}/status/${await firstId(submits.theirs)}`),
    }),
    "cache hit, against a bare submit": () => ({ ours: hit, theirs: submits.theirs }),
  };
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

/** @param {string} name @param {{ target: number | undefined, now: Compared | undefined, before: Compared | undefined }} measured */
function describe(name, { target, now, before }) {
  if (now === undefined) throw new Error(`${name} was not measured.`);
  const ratio = now.ratioOf("perSecond");
  const figure =
    target === undefined ? `${name}: ${ratio.toFixed(2)}x` : withTarget(name, ratio, { atLeast: target, unit: "x" });
  const other = before === undefined ? "" : `; the other build ${before.ratioOf("perSecond").toFixed(2)}x`;
  return `  ${figure}  (ours ${describeLoad(now.ours)}; bare ${describeLoad(now.theirs)}${other})`;
}

/**
 * Renders the output that is then in the cache, with a worker that is stopped afterwards.
 * @param {Stack} stack @param {Target} target @returns {Promise<Target>}
 */
async function hitOf(stack, target) {
  const hit = { ...target, body: JSON.stringify({ ...INPUT, prompt: "an output in the cache" }) };
  await finished(stack, await firstId(hit));
  await stack.workers[0]?.stop();
  return hit;
}
