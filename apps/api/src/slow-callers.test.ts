/** Callers of a large file that read slowly or hang up, over real HTTP: the API reads no more than they take. */
import { once } from "node:events";
import { get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useTestApi } from "../../../tests/support/api.js";
import { until } from "../../../tests/support/until.js";
import { createApi } from "./app.js";
import { createApiServer } from "./http/server.js";

const CHUNK = Buffer.alloc(64 * 1024, 1);
const TOTAL_BYTES = 4096 * CHUNK.length;
/** What the sockets of both ends hold, and what is read ahead. */
const BUFFERED_BYTES = 32 * 1024 * 1024;

const { api } = useTestApi();
let server: Server;
let url: URL;
let file: { stream: Readable; readBytes: number };
beforeAll(async () => {
  const outputs = { ...api.deps.outputs, open: async () => ({ totalBytes: TOTAL_BYTES, stream: openFile }) };
  const { app, hotRoutes } = createApi({ ...api.deps, outputs });
  server = createApiServer({ fetch: app.fetch, hotRoutes, accessLog: api.deps.accessLog, keepAliveMs: 60_000 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const id = await api.submit();
  await api.complete(id);
  url = new URL((await api.call("GET", `/requests/${id}`)).body.output_url);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Its bytes are there at once, as those of a fast disk or bucket. */
function openFile(): Readable {
  async function* bytes() {
    for (; file.readBytes < TOTAL_BYTES; file.readBytes += CHUNK.length) yield CHUNK;
  }
  file = { stream: Readable.from(bytes(), { objectMode: false }), readBytes: 0 };
  return file.stream;
}

/** The stream ends with an error, which is that of the caller. */
const closed = () => until("the file to be closed", () => file.stream.closed);

/** An answer of which one chunk has been read. */
async function begin(): Promise<IncomingMessage> {
  const [answer] = (await once(get(url), "response")) as [IncomingMessage];
  await once(answer, "readable");
  answer.read();
  return answer;
}

test("a caller that stops reading: no more of the file is read than fits into the buffers", async () => {
  const answer = await begin();
  let before = -1;
  await until("the reading to stop", async () => {
    const isStill = before === file.readBytes;
    before = file.readBytes;
    for (let turns = 0; turns < 100; turns += 1) await turn();
    return isStill;
  });
  expect(file.readBytes).toBeLessThan(BUFFERED_BYTES);
  answer.destroy();
  await closed();
});

test("a caller that hangs up: the file is closed", async () => {
  const answer = await begin();
  answer.destroy();
  await closed();
  expect(file.readBytes).toBeLessThan(TOTAL_BYTES);
});
