/**
 * A process of waiting callers, each on a bare socket, because thousands of HTTP clients would cost more than the
 * server. The parent sends the URLs; this process answers when each caller saw the end of its request.
 */
import { connect } from "node:net";
import { requestText } from "./one-by-one.mjs";

/** Few at once, because the server's queue of new connections is short. */
const OPENING_AT_ONCE = 100;
/** `completed_at` is null until the request has ended, in answers and in events. */
const ENDED = /"completed_at":"([^"]+)"/;

/** @typedef {{ completedAt: number, at: number }} Arrival both in milliseconds since the epoch */

process.on("disconnect", () => process.exit(0));
process.on("message", async (/** @type {{ urls: string[], headers: Record<string, string> }} */ { urls, headers }) => {
  /** @type {Promise<Arrival>[]} */
  const arrivals = [];
  let next = 0;
  const openSome = async () => {
    while (next < urls.length) {
      const caller = openCaller(/** @type {string} */ (urls[next++]), headers);
      arrivals.push(caller.arrival);
      await caller.sent;
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openSome));
  process.send?.({ arrivals: await Promise.all(arrivals) });
});

/** @param {string} url @param {Record<string, string>} headers */
function openCaller(url, headers) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding("latin1");
  const sent = new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => socket.write(requestText({ url, method: "GET", headers }), resolve));
  });
  /** @type {Promise<Arrival>} */
  const arrival = new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      const completedAt = ENDED.exec(text)?.[1];
      if (completedAt === undefined) return;
      resolve({ completedAt: Date.parse(completedAt), at: Date.now() });
      socket.destroy();
    });
    socket.on("close", () => reject(new Error(`${url} closed before the end of the request: ${text.slice(0, 300)}`)));
  });
  return { sent, arrival };
}
