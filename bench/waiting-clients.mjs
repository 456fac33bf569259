/**
 * A process full of callers that wait, each on a bare socket: HTTP clients for thousands would cost more than the server
 * does. Told what to ask for, it tells when each caller had its request's end.
 */
import { connect } from "node:net";
import { requestText } from "./one-by-one.mjs";

/** The server's queue of connections to accept is short. */
const OPENING_AT_ONCE = 100;
/** Null until the request has ended, in an answer and in an event alike. */
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
    socket.on("close", () => reject(new Error(`${url} was not told of the end: ${text.slice(0, 300)}`)));
  });
  return { sent, arrival };
}
