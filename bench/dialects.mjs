/** What a call of a dialect costs beside the same call of our own API: processor time of the API and of Redis. */
import { join } from "node:path";
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { headersOf, json } from "./calls.mjs";
import { median } from "./measurements.mjs";
import { getAgainAndAgain } from "./plain-gets.mjs";
import { createMeasure, describeUsed, sum } from "./processor-time.mjs";
import { withTarget } from "./targets.mjs";

const CONNECTIONS = 32;
const PROMPT = "a bird flying over the sea";
const AT_MOST = { atMost: 1.1, unit: "x" };

/** @typedef {{ url: string, method: "GET" | "POST", body?: object, headers?: Record<string, string> }} Call */

/** @param {string} url */
const etagOf = async (url) => (await fetch(url)).headers.get("etag") ?? "";

/** @param {{ dataDir: string, redisServer: string | undefined, options: { rounds: number, seconds: number } }} bench */
export async function dialects({ dataDir, redisServer, options: { rounds, seconds } }) {
  const metricsPort = 20_000 + Math.floor(Math.random() * 10_000);
  const env = { POSTERS: "false", SIMULATOR_RENDER_SECONDS: "1", LOG_LEVEL: "warn", METRICS_PORT: String(metricsPort) };
  const stack = await startStack({ dataDir: join(dataDir, "dialects"), redisServer, workers: 0, env });
  const redis = new Redis(stack.redisUrl);
  const measure = createMeasure([redis], metricsPort);
  const at = (/** @type {string} */ path) => `${stack.baseUrl}${path}`;
  let count = 0;
  /** Prompts differ, since equal calls of a dialect are one request. @param {Call} call */
  const load = async ({ url, method, body, headers: more = {} }) => {
    const setupRequest = (/** @type {any} */ request) => {
      count += 1;
      const more = "idempotency-key" in request.headers ? { "idempotency-key": `call-${count}` } : {};
      const text = JSON.stringify(body).replaceAll(PROMPT, `${PROMPT} ${count}`);
      return { ...request, headers: { ...request.headers, ...more }, body: text };
    };
    const requests = body === undefined ? [{}] : [{ setupRequest }];
    const headers = { ...headersOf(stack), ...more };
    const target = { url, method, headers, requests, connections: CONNECTIONS, duration: seconds };
    const result = await autocannon(target);
    if (result.non2xx + result.errors > 0) throw new Error(`not all calls of ${url} were answered with 2xx`);
    return result.requests.total;
  };
  /** @param {Call} call */
  const get = async ({ url, headers }) => {
    const all = { url, headers: { ...headersOf(stack), ...headers }, connections: CONNECTIONS, seconds };
    const statuses = await getAgainAndAgain(all);
    const wrong = [...statuses.keys()].filter((status) => ![200, 304].includes(status));
    if (wrong.length > 0) throw new Error(`some calls of ${url} were answered with ${wrong.join(", ")}`);
    return sum([...statuses.values()]);
  };
  /** @param {string} name @param {Call} theirs @param {Call} own */
  const compare = async (name, theirs, own, { target = AT_MOST, load: send = load } = {}) => {
    await send(theirs);
    const results = [];
    for (let round = 0; round < rounds; round += 1) {
      const used = await measure(() => send(theirs));
      results.push({ used, own: await measure(() => send(own)) });
    }
    const ratio = median(results.map((one) => (one.used.api + one.used.redis) / (one.own.api + one.own.redis)));
    const last = results.at(-1);
    if (last === undefined) throw new Error("at least one round is measured");
    return [
      `  ${withTarget(name, ratio, target)}`,
      `    ${describeUsed(last.used)}; our own ${describeUsed(last.own)}`,
    ];
  };
  try {
    const input = { prompt: PROMPT, duration: 4 };
    const own = { model: "replicate/google/veo-3", prompt: PROMPT, duration_seconds: 4, cache: "off" };
    /** @type {Call} */
    const prediction = { url: at("/replicate/v1/models/google/veo-3/predictions"), method: "POST", body: { input } };
    /** @type {Call} */
    const ownSubmit = { url: at("/api/v1/videos/generate"), method: "POST", body: own };
    const submits = await compare("a prediction", prediction, ownSubmit);
    // No repeat of a prediction is paid twice. Of our own calls that needs a key.
    const safeSubmit = { ...ownSubmit, headers: { "idempotency-key": "" } };
    const safe = await compare("a prediction, beside our own call with an Idempotency-Key", prediction, safeSubmit);
    const { id } = await json(at("/api/v1/videos/generate"), {
      ...{ method: "POST", headers: headersOf(stack), body: JSON.stringify(own) },
    });
    const polls = await compare(
      "its status",
      { url: at(`/replicate/v1/predictions/${id}`), method: "GET" },
      { url: at(`/api/v1/requests/${id}`), method: "GET" },
    );
    const compareList = async (/** @type {string} */ name, /** @type {Record<string, string>} */ headers) =>
      await compare(
        name,
        { url: at("/api/v1/models"), method: "GET", headers },
        { url: at(`/api/v1/requests/${id}`), method: "GET" },
        { target: { atMost: 1.2, unit: "x" }, load: get },
      );
    const models = [
      ...(await compareList("the list of models that a caller has already, beside a status poll", {
        "if-none-match": await etagOf(at("/api/v1/models")),
      })),
      ...(await compareList("the whole list, compressed", { "accept-encoding": "gzip" })),
      ...(await compareList("the whole list, not compressed", {})),
    ];
    return [
      "Processor time of a dialect's calls beside our own (API, worker, Redis; µs):",
      ...submits,
      ...safe,
      ...polls,
      ...models,
    ];
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}
