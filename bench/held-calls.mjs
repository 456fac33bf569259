/** A server that records each call, and whether its caller disconnected before the answer, as after a kill. */
import { once } from "node:events";
import { createServer, request as send } from "node:http";

/**
 * `key` names the work of the call: a later call with the same key repeats it. Times are in ms of a monotonic clock.
 * `endedAt` is null while the call is under way.
 * @typedef {{ key: string, at: number, endedAt: number | null, cutAt: number | null }} Call
 * @typedef {import("node:http").IncomingMessage} Incoming
 * @typedef {import("node:http").ServerResponse} Outgoing
 */

/**
 * A call is not recorded when `keyOf` returns null. `earlier` counts the earlier calls with the same key.
 * @param {{
 *   keyOf: (request: Incoming) => string | null,
 *   answer: (request: Incoming, response: Outgoing, earlier: number) => void,
 * }} options
 */
export async function startHeldCalls({ keyOf, answer }) {
  /** @type {Call[]} */
  const calls = [];
  const server = createServer((request, response) => {
    const key = keyOf(request);
    const earlier = calls.filter((call) => call.key === key).length;
    if (key !== null) record(key, response);
    answer(request, response, earlier);
  });

  /** @param {string} key @param {Outgoing} response */
  function record(key, response) {
    /** @type {Call} */
    const call = { key, at: performance.now(), endedAt: null, cutAt: null };
    calls.push(call);
    response.once("close", () => {
      call.endedAt = performance.now();
      if (!response.writableFinished) call.cutAt = call.endedAt;
    });
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * For each call that was cut: the time until another call repeated it; null if none has yet.
 * @param {Call[]} calls @param {number} [since] only calls that were cut after this
 */
export function repeatTimes(calls, since = 0) {
  const cut = calls.filter(({ cutAt }) => cutAt !== null && cutAt >= since);
  return cut.map(({ key, cutAt }) => {
    const again = calls.find((call) => call.key === key && call.at > Number(cutAt));
    return again === undefined ? null : again.at - Number(cutAt);
  });
}

/** Calls that began while another call with the same key was under way. @param {Call[]} calls */
export function doubledCalls(calls) {
  /** @type {Map<string, Call>} */
  const latest = new Map();
  return calls.filter((call) => {
    const before = latest.get(call.key);
    latest.set(call.key, call);
    return before !== undefined && (before.endedAt === null || before.endedAt > call.at);
  });
}

/**
 * A proxy in front of the simulator that delays each poll, so that steps are long.
 * @param {{ holdMs: () => number, target: () => string }} options
 */
export function startSlowPolls({ holdMs, target }) {
  return startHeldCalls({
    keyOf: ({ url }) => /\/requests\/([^/]+)\/status/.exec(url ?? "")?.[1] ?? null,
    answer(request, response) {
      const isPoll = /\/status/.test(request.url ?? "");
      setTimeout(() => response.destroyed || pass(request, response, target()), isPoll ? holdMs() : 0);
    },
  });
}

/** @param {Incoming} request @param {Outgoing} response @param {string} target */
function pass(request, response, target) {
  const { method, headers, url } = request;
  const onward = send(new URL(url ?? "/", target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.on("error", () => onward.destroy());
  request.pipe(onward);
}
