/** SIGTERM to an API, with every kind of connection that callers keep: how soon it exits, and what it answers. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { VEO } from "../support/caller.js";
import { createKeptClient, type KeptAnswer, type KeptClient } from "../support/kept-connection.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

/** Limits for a busy machine; by itself each takes some milliseconds. */
const SOON_MS = 1000;
const EXIT_MS = 1500;
const POLLERS = 6;

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack();
});
afterAll(() => test.stop());

type Api = TestStack["stack"]["apis"][number];
let api: Api["current"];
let url: string;
let port: number;
let clients: KeptClient[];
beforeEach(async () => {
  await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
  port = await freePort();
  await test.stack.addApi(port);
  api = (test.stack.apis.at(-1) as Api).current;
  url = `http://127.0.0.1:${port}/api/v1`;
  clients = [];
});
afterEach(() => {
  for (const client of clients) client.close();
  api.kill();
});

function client(): KeptClient {
  const one = createKeptClient(url, test.stack.apiKey);
  clients.push(one);
  return one;
}

/** Sends SIGTERM to the API; returns when, and when it had exited. */
function end() {
  const toldAt = performance.now();
  const gone = api.exited.then(({ code }) => ({ code, at: performance.now() }));
  process.kill(api.pid, "SIGTERM");
  return { toldAt, gone };
}

/** Holds a synchronous call; its request exists when this resolves. */
async function waiter() {
  const callbackId = `held-${Math.random()}`;
  const body = { ...VEO, prompt: callbackId, callback_id: callbackId };
  const answer = client().ask("/videos/generate", { method: "POST", body });
  answer.catch(() => {});
  const id: string = await until("the request of a waiting caller", async () => {
    const { body: page } = await test.caller.call("GET", `/requests?callback_id=${callbackId}`);
    return page.requests[0]?.request_id;
  });
  return { id, answer };
}

/** Asks again and again over one connection, until the API is no longer there. */
function poll(path: string) {
  const answers: KeptAnswer[] = [];
  const one = client();
  const begun = one.ask(path);
  const over = (async () => {
    for (let next = begun; ; next = one.ask(path)) {
      const answer = await next.catch(() => null);
      if (answer === null) return;
      answers.push(answer);
    }
  })();
  return { answers, begun, over };
}

describe("an API after SIGTERM", () => {
  it("answers the calls it holds, closes every connection, and exits", async () => {
    const { id, answer } = await waiter();
    const idle = client();
    await idle.ask("/health");
    const stream = client();
    const streaming = await stream.open(`/requests/${id}/events`);
    await once(streaming.response, "readable");
    const pollers = Array.from({ length: POLLERS }, () => poll(`/requests/${id}`));
    await Promise.all(pollers.map(({ begun }) => begun));
    const held = client();
    await held.ask("/health"); // so that the held call needs no new connection
    const longPoll = held.ask(`/requests/${id}?wait=30`);
    const idleClosed = once(idle.socket(), "close").then(() => performance.now());
    await client().ask("/health"); // sent later: the held call has arrived before

    const { toldAt, gone } = end();
    const waited = await answer;
    expect(waited).toMatchObject({ status: 202, connection: "close" });
    expect(waited.endedAt - toldAt).toBeLessThan(SOON_MS);
    expect(await longPoll).toMatchObject({ status: 200, connection: "close" });
    const streamed = await streaming.ended;
    expect((await idleClosed) - toldAt).toBeLessThan(SOON_MS);
    await Promise.all(pollers.map(({ over }) => over));
    const polled = pollers.flatMap(({ answers }) => answers);
    const later = polled.filter(({ askedAt }) => askedAt > waited.endedAt);
    expect(later.filter(({ connection }) => connection !== "close")).toEqual([]);
    expect(later.length).toBeLessThanOrEqual(POLLERS);

    const { code, at } = await gone;
    const lastAnswerAt = Math.max(...[waited, streamed, ...polled].map(({ endedAt }) => endedAt));
    expect(code).toBe(0);
    expect(at - lastAnswerAt).toBeLessThan(EXIT_MS);
  });

  it("closes the connection of a stream that its caller keeps using", async () => {
    const { id } = await waiter();
    const one = client();
    const { response, ended } = await one.open(`/requests/${id}/events`);
    await once(response, "readable");
    const closed = once(one.socket(), "close").then(() => performance.now());
    const { gone } = end();
    const { endedAt } = await ended;
    expect((await closed) - endedAt).toBeLessThan(SOON_MS);
    await expect(one.ask("/health")).rejects.toThrow();
    expect((await gone).at - endedAt).toBeLessThan(EXIT_MS);
  });

  it("refuses a generation over a connection that was new: 503, and the connection is closed", async () => {
    const held = await waiter();
    const socket = await connected();
    const { gone } = end();
    await held.answer;
    const body = JSON.stringify({ ...VEO, callback_id: "too-late" });
    socket.write(`${head("POST", "/videos/generate", body.length)}${body}`);
    const answer = await textOf(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain('"UNAVAILABLE"');
    await expect(client().ask("/videos/generate", { method: "POST", body: VEO })).rejects.toThrow(/ECONNREFUSED/);
    expect((await gone).code).toBe(0);
    const { body: page } = await test.caller.call("GET", "/requests?callback_id=too-late");
    expect(page.requests).toEqual([]);
  });

  it.each([
    ["that has sent nothing", ""],
    ["with half a head", "GET /api/v1/health HTTP/1.1\r\nHost: a"],
    ["with half a body", () => `${head("POST", "/videos/generate", 1000)}{"model":`],
  ])("does not wait for a connection %s", async (_what, sent) => {
    const socket = await connected();
    const closed = textOf(socket);
    socket.write(typeof sent === "string" ? sent : sent());
    await client().ask("/health"); // sent later: what was written above has arrived before
    const { toldAt, gone } = end();
    const { code, at } = await gone;
    expect(code).toBe(0);
    expect(at - toldAt).toBeLessThan(EXIT_MS);
    await closed;
  });
});

async function connected(): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

const head = (method: string, path: string, bytes: number) =>
  `${method} /api/v1${path} HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: Bearer ${test.stack.apiKey}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;

/** All that comes until the connection is closed, gently or not. */
async function textOf(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => {});
  if (!socket.destroyed) await once(socket, "close");
  return text;
}
