/** SIGTERM to an API with every kind of open connection: what it answers, and how soon it exits. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { VEO } from "../support/caller.js";
import { createKeptClient, type KeptAnswer, type KeptClient } from "../support/kept-connection.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

/** Limits for a busy machine: on an idle one, each takes some milliseconds. Node itself would close after 5 s. */
const SOON_MS = 4000;
const EXIT_MS = 4000;
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

/** Sends SIGTERM to the API. Returns the time of the signal, and a promise of the exit. */
function terminate() {
  const signalledAt = performance.now();
  const exited = api.exited.then(({ code }) => ({ code, at: performance.now() }));
  process.kill(api.pid, "SIGTERM");
  return { signalledAt, exited };
}

/** Starts a synchronous call that waits for its result. Resolves when the request exists. */
async function startWaitingCall() {
  const callbackId = `waiting-${Math.random()}`;
  const body = { ...VEO, prompt: callbackId, callback_id: callbackId };
  const answer = client().ask("/videos/generate", { method: "POST", body });
  answer.catch(() => {});
  const id: string = await until("the request of a waiting caller", async () => {
    const { body: page } = await test.caller.call("GET", `/requests?callback_id=${callbackId}`);
    return page.requests[0]?.request_id;
  });
  return { id, answer };
}

/** Sends GETs one after another over one connection until the API closes it and refuses new ones. */
function startPoller(path: string) {
  const answers: KeptAnswer[] = [];
  const one = client();
  const first = one.ask(path);
  const ended = (async () => {
    for (let next = first; ; next = one.ask(path)) {
      const answer = await next.catch(() => null);
      if (answer === null) return;
      answers.push(answer);
    }
  })();
  return { answers, first, ended };
}

describe("an API after SIGTERM", () => {
  it("answers all waiting calls, closes every connection, and exits", async () => {
    const { id, answer } = await startWaitingCall();
    const idle = client();
    await idle.ask("/health");
    const stream = client();
    const streaming = await stream.open(`/requests/${id}/events`);
    await once(streaming.response, "readable");
    const pollers = Array.from({ length: POLLERS }, () => startPoller(`/requests/${id}`));
    await Promise.all(pollers.map(({ first }) => first));
    const longPoller = client();
    await longPoller.ask("/health"); // opens the connection, so that the long poll uses an existing one
    const longPoll = longPoller.ask(`/requests/${id}?wait=30`);
    const idleClosed = once(idle.socket(), "close").then(() => performance.now());
    await client().ask("/health"); // sent after the long poll: its answer shows that the long poll has arrived

    const { signalledAt, exited } = terminate();
    const waited = await answer;
    expect(waited).toMatchObject({ status: 202, connection: "close" });
    expect(waited.endedAt - signalledAt).toBeLessThan(SOON_MS);
    expect(await longPoll).toMatchObject({ status: 200, connection: "close" });
    const streamed = await streaming.ended;
    expect((await idleClosed) - signalledAt).toBeLessThan(SOON_MS);
    await Promise.all(pollers.map(({ ended }) => ended));
    const polled = pollers.flatMap(({ answers }) => answers);
    const later = polled.filter(({ askedAt }) => askedAt > waited.endedAt);
    expect(later.filter(({ connection }) => connection !== "close")).toEqual([]);
    expect(later.length).toBeLessThanOrEqual(POLLERS);

    const { code, at } = await exited;
    const lastAnswerAt = Math.max(...[waited, streamed, ...polled].map(({ endedAt }) => endedAt));
    expect(code).toBe(0);
    expect(at - lastAnswerAt).toBeLessThan(EXIT_MS);
  });

  it("ends an event stream and closes its connection, also when the caller wants to use it again", async () => {
    const { id } = await startWaitingCall();
    const one = client();
    const { response, ended } = await one.open(`/requests/${id}/events`);
    await once(response, "readable");
    const closed = once(one.socket(), "close").then(() => performance.now());
    const { exited } = terminate();
    const { endedAt } = await ended;
    expect((await closed) - endedAt).toBeLessThan(SOON_MS);
    await expect(one.ask("/health")).rejects.toThrow();
    expect((await exited).at - endedAt).toBeLessThan(EXIT_MS);
  });

  it("accepts a generation over a connection that was opened before, and closes it", async () => {
    const waiting = await startWaitingCall();
    const socket = await connected();
    const { exited } = terminate();
    await waiting.answer;
    const body = JSON.stringify({ ...VEO, callback_id: "last-minute" });
    socket.write(`${head("POST", "/videos/generate", body.length)}${body}`);
    const answer = await textOf(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    await expect(client().ask("/videos/generate", { method: "POST", body: VEO })).rejects.toThrow(/ECONNREFUSED/);
    expect((await exited).code).toBe(0);
    const { body: page } = await test.caller.call("GET", "/requests?callback_id=last-minute");
    expect(page.requests).toHaveLength(1);
  });

  it.each([
    ["without any data", ""],
    ["with half of the headers", "GET /api/v1/health HTTP/1.1\r\nHost: a"],
    ["with half of the body", () => `${head("POST", "/videos/generate", 1000)}{"model":`],
  ])("does not wait for a connection %s", async (_what, sent) => {
    const socket = await connected();
    const closed = textOf(socket);
    socket.write(typeof sent === "string" ? sent : sent());
    await client().ask("/health"); // sent after the text above: its answer shows that the text has arrived
    const { signalledAt, exited } = terminate();
    const { code, at } = await exited;
    expect(code).toBe(0);
    expect(at - signalledAt).toBeLessThan(EXIT_MS);
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

/** Everything that arrives until the connection is closed or reset. */
async function textOf(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => {});
  if (!socket.destroyed) await once(socket, "close");
  return text;
}
