/** One call after another on one bare socket: the latency of a call on an idle server. */
import { connect } from "node:net";
import { percentile } from "./measurements.mjs";

/** @typedef {import("./load.mjs").Target} Target */

/** @param {Target} target @param {number} seconds @returns {Promise<import("./load.mjs").Load>} */
export async function oneByOne(target, seconds) {
  const connection = openConnection(target);
  const bytes = requestText(target);
  const times = [];
  const began = performance.now();
  for (let sentAt = began; sentAt < began + seconds * 1000; ) {
    await connection.call(bytes);
    const now = performance.now();
    times.push(now - sentAt);
    sentAt = now;
  }
  connection.close();
  return { perSecond: times.length / seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** @param {Target} target */
export function requestText({ url, method, headers = {}, body = "" }) {
  const { host, pathname, search } = new URL(url);
  const own = method === "POST" ? { "content-length": Buffer.byteLength(body) } : {};
  const lines = Object.entries({ host, ...headers, ...own }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** @param {Target} target */
function openConnection({ url }) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding("latin1");
  /** @type {{ resolve: (value?: unknown) => void, reject: (error: Error) => void }} */
  let waiting = { resolve() {}, reject() {} };
  let text = "";
  socket.on("error", (error) => waiting.reject(error));
  socket.on("close", () => waiting.reject(new Error(`${url} closed the connection.`)));
  socket.on("data", (chunk) => {
    text += chunk;
    if (!isWhole(text)) return;
    const answer = text;
    text = "";
    if (/^HTTP\/1.1 2/.test(answer)) waiting.resolve();
    else waiting.reject(new Error(`${url} answered ${answer.slice(0, 200)}`));
  });
  return {
    call: (/** @type {string} */ bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

/** @param {string} text */
function isWhole(text) {
  const headEnd = text.indexOf("\r\n\r\n");
  const length = /content-length: *(\d+)/i.exec(text)?.[1];
  return headEnd > 0 && text.length >= headEnd + 4 + Number(length);
}
