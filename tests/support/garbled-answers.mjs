/**
 * A separate process that reads damaged answers with the product's HTTP clients, and prints how many it could read. The
 * answers are valid ones with changed bytes or a missing end, by a fixed seed. Exit code 0 proves that no answer
 * crashed the process. Arguments: the number of answers, and the seed.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { createGuardedFetch, createLeanFetch } from "@visgate/shared/runtime/net";

const [answers = 200, seed = 1] = process.argv.slice(2).map(Number);
const TIME_LIMIT_MS = 250;
const BODY = JSON.stringify({ status: "COMPLETED", text: "x".repeat(200) });
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const gzipped = gzipSync(BODY);
const VALID = [
  `${HEAD}content-length: ${BODY.length}\r\nconnection: keep-alive\r\n\r\n${BODY}`,
  `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n${BODY.slice(0, 5)}\r\nc8\r\n${BODY.slice(5, 205)}\r\n0\r\nx: y\r\n\r\n`,
  `${HEAD}connection: close\r\n\r\n${BODY}`,
  `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${HEAD}content-length: 2\r\n\r\n{}`,
  `${HEAD}content-encoding: gzip\r\ncontent-length: ${gzipped.length}\r\n\r\n${gzipped.toString("latin1")}`,
  "HTTP/1.1 302 Found\r\nlocation: /0\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 204 No Content\r\nkeep-alive: timeout=1\r\n\r\n",
];

/** Each answer has its own generator, so the order of the calls does not matter. @param {number} index */
function createRandom(index) {
  let state = (seed * 7919 + index * 104_729) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {number} index */
function damaged(index) {
  const random = createRandom(index);
  const bytes = Buffer.from(VALID[index % VALID.length] ?? "", "latin1");
  for (let flips = Math.floor(random() * 6); flips > 0; flips -= 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  const length = random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length;
  return { bytes: bytes.subarray(0, length), ending: Math.floor(random() * 3) };
}

const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    const index = Number(/^[A-Z]+ \/(\d+)/.exec(chunk.toString("latin1"))?.[1]);
    const { bytes, ending } = damaged(index);
    socket.write(bytes);
    if (ending === 0) socket.end();
    if (ending === 1) setImmediate(() => socket.resetAndDestroy());
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;

const guarded = createGuardedFetch({ allowPrivate: true, allowedOrigins: new Set() });
const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });
const limit = () => ({ signal: AbortSignal.timeout(TIME_LIMIT_MS) });
/** @type {((url: string) => Promise<unknown>)[]} */
const readers = [
  async (url) => buffer((await guarded.fetch(url, limit())).body),
  // Destroys each body without reading it.
  async (url) =>
    (await guarded.fetch(url, { method: "POST", body: "{}", redirect: "manual", ...limit() })).body.destroy(),
  async (url) => (await kept.fetch(url, limit())).arrayBuffer(),
  async (url) => (await fresh.fetch(url, { method: "POST", body: "{}", ...limit() })).arrayBuffer(),
];

const counts = { read: 0, failed: 0 };
let next = 0;
async function readAnswers() {
  while (next < answers) {
    const url = `${origin}/${next++}`;
    for (const read of readers) {
      await read(url).then(
        () => counts.read++,
        () => counts.failed++,
      );
    }
  }
}
await Promise.all(Array.from({ length: 16 }, readAnswers));
for (const client of [guarded, kept, fresh]) await client.close();
server.close();
process.stdout.write(JSON.stringify(counts));
