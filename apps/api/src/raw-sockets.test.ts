/** The API behind its real HTTP server, called by what no HTTP client would send. */
import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { errorBody } from "@visgate/shared/contract";
import { createDrain } from "@visgate/shared/runtime/process";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { KEY, useTestApi } from "../../../tests/support/api.js";
import { until } from "../../../tests/support/until.js";
import { createApi } from "./app.js";
import { createApiServer } from "./http/server.js";

const HOST = "Host: gateway.test\r\n";
const HEALTH = `GET /api/v1/health HTTP/1.1\r\n${HOST}\r\n`;
/** Generous: the suite may run beside others on two cores. */
const SOON_MS = 5000;
/** Short, so that slow callers are cut within a test. */
const LIMITS = { headersTimeout: 400, requestTimeout: 800, connectionsCheckingInterval: 50 };

const { api } = useTestApi();
let server: Server;
let port: number;
let sockets: Socket[] = [];
beforeAll(async () => {
  const { accessLog } = api.deps;
  const { app, hotRoutes } = createApi(api.deps);
  server = createApiServer({ fetch: app.fetch, hotRoutes, accessLog, keepAliveMs: 60_000, limits: LIMITS });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Caller {
  socket: Socket;
  /** What was received so far. */
  text(): string;
  /** Everything that was received, when the server has closed the connection. */
  closed: Promise<string>;
}

async function open(): Promise<Caller> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  sockets.push(socket);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  const closed = once(socket, "close").then(() => text);
  await once(socket, "connect");
  return { socket, text: () => text, closed };
}

async function send(text: string | Buffer): Promise<string> {
  const caller = await open();
  caller.socket.write(text);
  return caller.closed;
}

/** The answer to a call on a connection that stays open. */
async function answerTo(caller: Caller, text: string): Promise<string> {
  const before = caller.text().length;
  caller.socket.write(text);
  return until(
    "an answer",
    () => /\r\n\r\n[\s\S]*\}$/.test(caller.text().slice(before)) && caller.text().slice(before),
  );
}

function parse(text: string) {
  const [head = "", body = ""] = text.split(/\r\n\r\n/, 2);
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
  const id = /^x-request-id: (.+)$/im.exec(head)?.[1];
  return { status: Number(status), head, id, body: body === "" ? null : JSON.parse(body) };
}

const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join("");
const post = (headers: string) => `POST /api/v1/videos/generate HTTP/1.1\r\n${HOST}${headers}`;
const JSON_TYPE = `Authorization: Bearer ${KEY}\r\nContent-Type: application/json\r\n`;

describe("what is not valid HTTP: is answered with the error body and an id, and the connection is closed", () => {
  test.each([
    { what: "two Hosts", sends: `GET /api/v1/health HTTP/1.1\r\n${HOST}${HOST}\r\n`, status: 400 },
    { what: "two Hosts, in other letters", sends: `GET / HTTP/1.1\r\n${HOST}hOST: other.test\r\n\r\n`, status: 400 },
    { what: "no Host", sends: "GET /api/v1/health HTTP/1.1\r\n\r\n", status: 400 },
    { what: "a Host that is not one", sends: "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n", status: 400 },
    { what: "a URL that is not one", sends: `GET /a\\b HTTP/1.1\r\n${HOST}\r\n`, status: 400 },
    { what: "an absolute URL that is not one", sends: `GET http://[ HTTP/1.1\r\n${HOST}\r\n`, status: 400 },
    { what: "no HTTP at all", sends: "\x16\x03\x01\x02\x00 not http\r\n\r\n", status: 400 },
    { what: "an unknown method", sends: `BREW /api/v1/health HTTP/1.1\r\n${HOST}\r\n`, status: 400 },
    {
      what: "two Content-Lengths",
      sends: `${post(JSON_TYPE)}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      status: 400,
    },
    {
      what: "a Content-Length that is no number",
      sends: `${post(JSON_TYPE)}Content-Length: 2x\r\n\r\n{}`,
      status: 400,
    },
    {
      what: "a Content-Length beside Transfer-Encoding",
      sends: `${post(JSON_TYPE)}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      status: 400,
    },
    { what: "an unknown Transfer-Encoding", sends: `${post(JSON_TYPE)}Transfer-Encoding: x\r\n\r\n{}`, status: 400 },
    { what: "a broken chunk", sends: `${post(JSON_TYPE)}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`, status: 400 },
    { what: "a header without a name", sends: `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`, status: 400 },
    { what: "a header with a line feed", sends: `GET / HTTP/1.1\r\n${HOST}X-A: b\nX-C: d\r\n\r\n`, status: 400 },
    { what: "an unknown expectation", sends: `${post(JSON_TYPE)}Expect: coffee\r\n\r\n`, status: 417 },
    {
      what: "a large header",
      sends: `GET / HTTP/1.1\r\n${HOST}X-Large: ${"x".repeat(1_000_000)}\r\n\r\n`,
      status: 431,
    },
    { what: "a large URL", sends: `GET /${"x".repeat(1_000_000)} HTTP/1.1\r\n${HOST}\r\n`, status: 431 },
    { what: "many headers", sends: `GET / HTTP/1.1\r\n${HOST}${many(300, (at) => `X-${at}: y\r\n`)}\r\n`, status: 431 },
    {
      what: "a second Host that Node would drop",
      sends: `GET / HTTP/1.1\r\n${HOST}${many(2100, () => "a:\r\n")}${HOST}\r\n`,
      status: 431,
    },
    { what: "CONNECT", sends: `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, status: 405 },
  ])("$what ($status)", async ({ sends, status }) => {
    const answer = parse(await send(sends));
    expect(answer.status).toBe(status);
    expect(() => z.strictObject(errorBody.shape).parse(answer.body)).not.toThrow();
    expect(answer.head).toMatch(/^connection: close$/im);
    expect(answer.head).toMatch(/^content-type: application\/json$/im);
    expect(answer.id).toMatch(/^[\w-]{36}$/);
    await until("the log line", () => api.log().includes(`"httpRequestId":"${answer.id}"`));
    expect(api.log().includes("unexpected error")).toBe(false);
  });
});

describe("what is unusual, but valid", () => {
  test.each([
    { what: "TRACE: is a 405", sends: `TRACE /api/v1/health HTTP/1.1\r\n${HOST}\r\n`, status: 405 },
    { what: "no Host in HTTP/1.0: is answered", sends: "GET /api/v1/health HTTP/1.0\r\n\r\n", status: 200 },
    {
      what: "an empty Host: is answered",
      sends: "GET /api/v1/health HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
      status: 200,
    },
    {
      what: "an Upgrade: is ignored",
      sends: `GET /api/v1/health HTTP/1.1\r\n${HOST}Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
      status: 200,
    },
  ])("$what", async ({ sends, status }) => {
    const caller = await open();
    expect(parse(await answerTo(caller, sends)).status).toBe(status);
  });

  test("a caller that hangs up in the middle of its body is no error of ours", async () => {
    const caller = await open();
    caller.socket.write(`${post(JSON_TYPE)}X-Request-Id: hung-up\r\nContent-Length: 100\r\n\r\n{"model":`);
    await until("the call", () => server.listenerCount("request") > 0 && caller.socket.bytesWritten > 0);
    caller.socket.resetAndDestroy();
    await until("the log line", () => api.log().includes('"httpRequestId":"hung-up"'));
    expect(api.log().includes("unexpected error")).toBe(false);
  });
});

describe("kept connections", () => {
  test("rest longer than the header limit, and as long as the answer says", async () => {
    const caller = await open();
    const first = await answerTo(caller, HEALTH);
    expect(first).toMatch(/^keep-alive: timeout=60$/im);
    // Another caller that never ends its headers shows that this time has passed.
    await send("GET / HTTP/1.1\r\n");
    expect(parse(await answerTo(caller, HEALTH)).status).toBe(200);
  });

  test("an answer under way is not mixed with an error", async () => {
    const id = await api.submit();
    const caller = await open();
    const key = `Authorization: Bearer ${KEY}\r\n`;
    caller.socket.write(`GET /api/v1/requests/${id}/events HTTP/1.1\r\n${HOST}${key}\r\n`);
    await until("the first event", () => caller.text().includes("event: status"));
    caller.socket.write("this is not HTTP\r\n\r\n");
    expect((await caller.closed).match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe("slow callers and idle connections", () => {
  const CALLERS = 300;
  const crowd = (sends: string) =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        const caller = await open();
        if (sends !== "") caller.socket.write(sends);
        return caller;
      }),
    );

  /** Milliseconds of the slowest of some health calls, one after the other. */
  async function slowestHealth(calls = 20): Promise<number> {
    const caller = await open();
    let slowest = 0;
    for (let call = 0; call < calls; call += 1) {
      const began = performance.now();
      expect(parse(await answerTo(caller, HEALTH)).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - began);
    }
    return slowest;
  }

  test.each([
    { what: "headers that never end", sends: `GET /api/v1/health HTTP/1.1\r\n${HOST}X-Slow: `, status: 408 },
    { what: "bodies that never end", sends: `${post(JSON_TYPE)}Content-Length: 100\r\n\r\n{"model":`, status: 408 },
    { what: "connections that never send anything", sends: "", status: null },
  ])("$what: are cut, and /health answers meanwhile", async ({ sends, status }) => {
    const callers = await crowd(sends);
    expect(await slowestHealth()).toBeLessThan(SOON_MS);
    for (const text of await Promise.all(callers.map(({ closed }) => closed))) {
      if (status === null) expect(text).toBe("");
      else expect(parse(text).status).toBe(status);
    }
  });

  test("one byte at a time: does not extend the time", async () => {
    const caller = await open();
    caller.socket.write(`GET /api/v1/health HTTP/1.1\r\n${HOST}X-Slow: `);
    const drip = setInterval(() => caller.socket.write("x"), 20);
    const text = await caller.closed.finally(() => clearInterval(drip));
    expect(parse(text).status).toBe(408);
  });

  test("connections that rest after a call stay open, and /health answers", async () => {
    const callers = await crowd(HEALTH);
    await until("all answers", () => callers.every(({ text }) => text().endsWith("}")));
    expect(await slowestHealth()).toBeLessThan(SOON_MS);
    expect(callers.every(({ socket }) => !socket.destroyed)).toBe(true);
  });
});

test("drain: resting connections do not delay it", async () => {
  const { accessLog } = api.deps;
  const { app, hotRoutes } = createApi(api.deps);
  const other = createApiServer({ fetch: app.fetch, hotRoutes, accessLog, keepAliveMs: 60_000 });
  const drain = createDrain(other);
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const socket = connect((other.address() as AddressInfo).port, "127.0.0.1");
  sockets.push(socket);
  socket.write(HEALTH);
  await once(socket, "data");
  const began = performance.now();
  await drain();
  expect(performance.now() - began).toBeLessThan(10_000);
});
