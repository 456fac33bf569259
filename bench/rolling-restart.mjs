/**
 * A deploy under load: every API and every worker is ended with SIGTERM and started again, one after the other, while
 * callers submit through a load balancer that repeats a call once after a connection error.
 */
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, authorized, control, finished, headersOf, INPUT, json, submit } from "./calls.mjs";
import { percentile } from "./measurements.mjs";

const PER_SECOND = Number(process.env["BENCH_PER_SECOND"] ?? 200);
const SECONDS = 20;
const RENDER_SECONDS = 2;
/** Before the first restart, and between two. */
const PAUSE_MS = 1000;

/** @typedef {import("./calls.mjs").Stack} Stack */

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function rollingRestart({ dataDir, redisServer }) {
  const stack = await startStack({
    ...{ dataDir, redisServer, apis: 2, workers: 3 },
    env: { POSTERS: "false", SIMULATOR_RENDER_SECONDS: "1", LOG_LEVEL: "warn" },
  });
  const balancer = await startBalancer(stack.baseUrls);
  try {
    await finished(stack, await submit(stack)); // draws the video once: later renders take exactly the simulated time
    await control(stack, { render_seconds: RENDER_SECONDS, queue_seconds: 0 });
    /** @type {(number | string)[]} */
    const answers = [];
    /** @type {string[]} */
    const ids = [];
    const calls = atPace({ count: PER_SECOND * SECONDS, perSecond: PER_SECOND }, async () => {
      const answer = await post(`${balancer.url}/api/v1/videos/generate`, stack);
      answers.push(answer.status);
      if (answer.id !== null) ids.push(answer.id);
    });
    const restarts = await restartAll(stack);
    await calls;
    const lags = await lagsOf(stack, ids);
    const refused = answers.filter((answer) => answer !== 202);
    const seconds = (/** @type {number} */ share) => `${(percentile(lags, share) / 1000).toFixed(2)} s`;
    return [
      `Rolling restart of ${restarts} processes under ${PER_SECOND} submits a second, ${SECONDS} s:`,
      `  ${answers.length} calls, ${refused.length} refused ${JSON.stringify(countOf(refused))}; ${balancer.repeated()} repeated`,
      `  from the end of a render to the end of its request p50 ${seconds(0.5)}, p99 ${seconds(0.99)}, max ${seconds(0.999999)}`,
    ];
  } finally {
    await balancer.close();
    await stack.stop();
  }
}

/** @param {Stack} stack @returns {Promise<number>} how many processes were restarted */
async function restartAll({ apis, workers }) {
  const processes = [...apis, ...workers];
  for (const each of processes) {
    await sleep(PAUSE_MS);
    const running = once(each.events, "restart");
    each.current.child.kill("SIGTERM");
    await running;
  }
  return processes.length;
}

/** @param {string} url @param {Stack} stack @returns {Promise<{ status: number | string, id: string | null }>} */
async function post(url, stack) {
  try {
    const response = await fetch(url, { method: "POST", headers: headersOf(stack), body: JSON.stringify(INPUT) });
    const body = /** @type {any} */ (await response.json());
    if (response.status !== 202) return { status: `${response.status} ${body.message}`, id: null };
    return { status: response.status, id: body.request_id };
  } catch (error) {
    return { status: String(error), id: null };
  }
}

/** @param {Stack} stack @param {string[]} ids @returns {Promise<number[]>} in milliseconds */
async function lagsOf(stack, ids) {
  const lags = [];
  for (const id of ids) await finished(stack, id);
  const submits = /** @type {any[]} */ (await json(`${stack.simulatorUrl}/control/requests`));
  const doneAt = new Map(submits.map((one) => [one.provider_request_id, one.at + RENDER_SECONDS * 1000]));
  for (const id of ids) {
    const { provider_request_id: job, completed_at: end } = await authorized(stack, `/requests/${id}`);
    lags.push(Date.parse(end) - (doneAt.get(job) ?? Number.NaN));
  }
  return lags;
}

/** @param {(number | string)[]} items */
function countOf(items) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

/** Forwards each call to one of the servers in turn, over kept connections. @param {string[]} baseUrls */
async function startBalancer(baseUrls) {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  let repeated = 0;
  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const call = { incoming, body: Buffer.concat(chunks), agent };
    const first = turn++;
    const answer = await forward(serverAt(first), call)
      .catch(() => {
        repeated += 1;
        return forward(serverAt(first + 1), call);
      })
      .catch(() => ({ status: 502, headers: {}, body: "{}" }));
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  const serverAt = (/** @type {number} */ index) => baseUrls[index % baseUrls.length] ?? "";
  // Longer than callers keep idle connections: a call on a connection that is being closed fails.
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    repeated: () => repeated,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * @param {string} baseUrl
 * @param {{ incoming: import("node:http").IncomingMessage, body: Buffer, agent: Agent }} call
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer }>}
 */
function forward(baseUrl, { incoming: { method, url, headers }, body, agent }) {
  return new Promise((resolve, reject) => {
    const outgoing = request(baseUrl + url, { method, headers, agent }, async (response) => {
      try {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        const { connection: _, ...own } = response.headers;
        resolve({ status: response.statusCode ?? 502, headers: own, body: Buffer.concat(chunks) });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
