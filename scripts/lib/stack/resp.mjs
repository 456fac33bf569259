/** A minimal Redis client, because the launcher talks to Redis before any dependency is installed. */
import { connect } from "node:net";

/** @typedef {string | number | null | Error | Reply[]} Reply */

/**
 * Sends one command on a new connection.
 * @param {{ port: number, host?: string, password?: string | undefined, timeoutMs?: number }} server
 * @param {string[]} command
 * @returns {Promise<Reply>} rejects with Redis' own error; after SHUTDOWN with `redis closed the connection`
 */
export async function redisCommand({ port, host = "127.0.0.1", password, timeoutMs = 2000 }, ...command) {
  const commands = password === undefined ? [command] : [["AUTH", password], command];
  const replies = await exchange({ port, host, timeoutMs }, commands);
  for (const reply of replies) if (reply instanceof Error) throw reply;
  return replies.at(-1) ?? null;
}

/**
 * @param {{ port: number, host: string, timeoutMs: number }} server @param {string[][]} commands
 * @returns {Promise<Reply[]>}
 */
function exchange({ port, host, timeoutMs }, commands) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host });
    let received = "";
    const fail = (/** @type {Error} */ error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error("redis did not answer in time")));
    socket.once("error", fail);
    socket.once("close", () => reject(new Error("redis closed the connection")));
    socket.once("connect", () => socket.write(commands.map(encode).join("")));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const replies = parseAll(received);
      if (replies.length < commands.length) return;
      resolve(replies);
      socket.destroy();
    });
  });
}

/** @param {string[]} words */
const encode = (words) => `*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join("")}`;

/** Every complete reply in the text. @param {string} text */
function parseAll(text) {
  /** @type {Reply[]} */
  const replies = [];
  for (let at = 0; ; ) {
    const parsed = parse(text, at);
    if (!parsed) return replies;
    replies.push(parsed.reply);
    at = parsed.next;
  }
}

/**
 * @param {string} text @param {number} at
 * @returns {{ reply: Reply, next: number } | undefined} undefined while the reply is incomplete
 */
function parse(text, at) {
  const lineEnd = text.indexOf("\r\n", at);
  if (lineEnd < 0) return undefined;
  const line = text.slice(at + 1, lineEnd);
  const next = lineEnd + 2;
  switch (text[at]) {
    case "+":
      return { reply: line, next };
    case "-":
      return { reply: new Error(line), next };
    case ":":
      return { reply: Number(line), next };
    case "$":
      return parseBulk(text, next, Number(line));
    case "*":
      return parseArray(text, next, Number(line));
    default:
      return { reply: new Error(`not a Redis server: ${line.slice(0, 40)}`), next };
  }
}

/** @param {string} text @param {number} at @param {number} length */
function parseBulk(text, at, length) {
  if (length < 0) return { reply: null, next: at };
  const next = at + length + 2;
  return text.length < next ? undefined : { reply: text.slice(at, at + length), next };
}

/** @param {string} text @param {number} at @param {number} count */
function parseArray(text, at, count) {
  /** @type {Reply[]} */
  const items = [];
  let next = at;
  while (items.length < count) {
    const item = parse(text, next);
    if (!item) return undefined;
    items.push(item.reply);
    next = item.next;
  }
  return { reply: items, next };
}
