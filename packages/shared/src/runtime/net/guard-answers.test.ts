import type { IncomingMessage, RequestListener } from "node:http";
import type { Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startListener, startTcpListener } from "../../../../../tests/support/listeners.js";
import { createTestSignal } from "../../../../../tests/support/signals.js";
import { until } from "../../../../../tests/support/until.js";
import { createGuardedFetch, fetchFault } from "./guard.js";

let guard: ReturnType<typeof createGuardedFetch>;
beforeEach(() => {
  guard = createGuardedFetch({ allowPrivate: true, allowedOrigins: new Set() });
});
afterEach(() => guard.close());

async function against(answer: RequestListener) {
  const listener = await startListener(answer);
  onTestFinished(listener.close);
  return listener;
}
/** A server that answers every request with these bytes. */
async function sending(bytes: string, then: (socket: Socket) => void) {
  const listener = await startTcpListener((socket) =>
    socket.on("data", () => void socket.write(bytes, "latin1", () => then(socket))),
  );
  onTestFinished(listener.close);
  return listener.origin;
}
const end = (socket: Socket) => void socket.end();
/** A moment later, because pending writes would turn the reset into a normal end. */
const reset = (socket: Socket) => void setImmediate(() => socket.resetAndDestroy());
const HEAD = "HTTP/1.1 200 OK\r\n";

describe("a body", () => {
  test.each([
    { what: "shorter than announced", bytes: `${HEAD}content-length: 10\r\n\r\nhello`, cut: end },
    { what: "without its last chunk", bytes: `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`, cut: end },
    {
      what: "of a chunk without a size",
      bytes: `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz`,
      cut: end,
    },
  ])("$what is an error for its reader", async ({ bytes, cut }) => {
    const response = await guard.fetch(await sending(bytes, cut), {});
    await expect(buffer(response.body)).rejects.toThrow();
  });

  test("that ends with its connection is an error when the connection is reset", async () => {
    const sockets: Socket[] = [];
    const origin = await sending(`${HEAD}connection: close\r\n\r\nhello`, (socket) => void sockets.push(socket));
    const chunks = (await guard.fetch(origin, {})).body[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe("hello");
    for (const socket of sockets) socket.resetAndDestroy();
    await expect(chunks.next()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("that was cut before it is read is an error for its reader", async () => {
    const origin = await sending(`${HEAD}content-length: 10\r\n\r\nhello`, reset);
    const { body } = await guard.fetch(origin, {});
    await until("its end", () => body.closed);
    await expect(buffer(body)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("stops with its signal while it is read, and closes the connection", async () => {
    const closed = createTestSignal();
    const { origin } = await against((_request, response) => {
      response.once("close", closed.fire).writeHead(200);
      response.write("some");
    });
    const stopping = new AbortController();
    const { body } = await guard.fetch(origin, { signal: stopping.signal });
    const reading = (async () => {
      for await (const _chunk of body) stopping.abort(new Error("lock lost"));
    })();
    await expect(reading).rejects.toThrow("lock lost");
    await closed.reached(1);
  });

  test("that is destroyed closes the connection", async () => {
    const closed = createTestSignal();
    const { origin } = await against((_request, response) => {
      response.once("close", closed.fire).writeHead(200);
      response.write("some");
    });
    (await guard.fetch(origin, {})).body.destroy();
    await closed.reached(1);
  });

  test.each([
    { coding: "gzip", compressed: gzipSync("the bytes") },
    { coding: "X-GZIP", compressed: gzipSync("the bytes") },
    { coding: "deflate", compressed: deflateSync("the bytes") },
    { coding: "br", compressed: brotliCompressSync("the bytes") },
    { coding: "identity", compressed: Buffer.from("the bytes") },
  ])("in $coding is decoded, although we did not ask for it", async ({ coding, compressed }) => {
    const asked: (string | undefined)[] = [];
    const { origin } = await against((request, response) => {
      asked.push(request.headers["accept-encoding"]);
      response.writeHead(200, { "content-encoding": coding, "content-length": compressed.length }).end(compressed);
    });
    const response = await guard.fetch(origin, {});
    expect(await text(response.body)).toBe("the bytes");
    expect(asked).toEqual(["identity"]);
    // They describe the compressed bytes.
    if (coding !== "identity") expect(response.headers.get("content-length")).toBeNull();
  });

  test.each([gzipSync("x".repeat(1000)).subarray(0, 20), Buffer.from("no gzip")])(
    "that cannot be decoded is an error for its reader, and harmless for one who never reads",
    async (compressed) => {
      const { origin } = await against((_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip" }).end(compressed);
      });
      const [first, second] = [await guard.fetch(origin, {}), await guard.fetch(origin, {})];
      const closed = createTestSignal();
      second.body.resume().once("close", closed.fire);
      await expect(buffer(first.body)).rejects.toThrow();
      await closed.reached(1);
    },
  );

  test.each([204, 304])("of a %i answer is empty", async (status) => {
    const { origin } = await against((_request, response) => {
      response.writeHead(status, { "content-encoding": "gzip" }).end();
    });
    const response = await guard.fetch(origin, { redirect: "manual" });
    expect(response).toMatchObject({ status, ok: status === 204 });
    expect(await text(response.body)).toBe("");
  });
});

describe("an answer", () => {
  test("after interim answers is returned", async () => {
    const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    const origin = await sending(`${interim}${HEAD}x-one: 1\r\ncontent-length: 2\r\n\r\nok`, () => {});
    const response = await guard.fetch(origin, { method: "POST", body: "{}" });
    expect(response).toMatchObject({ status: 200, ok: true });
    expect([response.headers.get("X-One"), response.headers.get("toString")]).toEqual(["1", null]);
    expect(await text(response.body)).toBe("ok");
  });

  test.each([
    { bytes: "NOT HTTP\r\n\r\n", says: /^HPE_/ },
    { bytes: "HTTP/1.1 abc OK\r\n\r\n", says: /^HPE_/ },
    { bytes: `${HEAD}x: ${"y".repeat(20_000)}\r\n\r\n`, says: "HPE_HEADER_OVERFLOW" },
    {
      bytes: "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      says: /without an answer|ECONNRESET/,
    },
    { bytes: "", says: "ECONNRESET" },
    { bytes: "HTTP/1.1 20", says: /^(HPE_|ECONNRESET)/ },
  ])("of $bytes is an error", async ({ bytes, says }) => {
    const fault = await guard.fetch(await sending(bytes, end), {}).catch(fetchFault);
    expect(fault).toEqual(expect.stringMatching(says));
  });

  test("that does not come stops with the signal, also with a signal that was aborted before", async () => {
    const { origin, asked } = await against(() => {});
    for (const signal of [AbortSignal.timeout(50), AbortSignal.abort(new DOMException("", "TimeoutError"))]) {
      expect(await guard.fetch(origin, { signal }).catch(fetchFault)).toBe("timed out");
    }
    expect(asked).toHaveLength(1);
  });
});

describe("a kept connection", () => {
  /** Answers the first request of each connection, and resets the connection at the next one. */
  async function oneAnswerEach() {
    const served = new WeakSet<Socket>();
    const listener = await against((request: IncomingMessage, response) => {
      if (served.has(request.socket)) return void request.socket.resetAndDestroy();
      served.add(request.socket);
      response.end("ok");
    });
    return { ...listener, post: async () => text((await guard.fetch(listener.origin, POST)).body) };
  }
  const POST = { method: "POST", body: '{"event":1}' };

  test("that turns out to be closed: a POST is sent again on a new connection", async () => {
    const { post, asked } = await oneAnswerEach();
    for (let count = 1; count <= 3; count += 1) expect(await post()).toBe("ok");
    // The second request was sent twice; the third uses a new connection again.
    expect(asked).toHaveLength(4);
  });

  test("that is new and is reset is an error: nothing is sent again", async () => {
    const { origin, asked } = await against((request) => void request.socket.resetAndDestroy());
    expect(await guard.fetch(origin, POST).catch(fetchFault)).toBe("ECONNRESET");
    expect(asked).toHaveLength(1);
  });

  test("that breaks after the answer has begun is an error: nothing is sent again", async () => {
    let requests = 0;
    const origin = await startTcpListener((socket) =>
      socket.on("data", () => {
        requests += 1;
        if (requests === 1) socket.write(`${HEAD}content-length: 2\r\n\r\nok`);
        else socket.write("HTTP/1.1 2", () => reset(socket));
      }),
    );
    onTestFinished(origin.close);
    expect(await text((await guard.fetch(origin.origin, POST)).body)).toBe("ok");
    await expect(guard.fetch(origin.origin, POST)).rejects.toThrow();
    expect(requests).toBe(2);
  });
});
