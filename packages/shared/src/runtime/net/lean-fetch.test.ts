import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { deadUrl, startListener, startTcpListener } from "../../../../../tests/support/listeners.js";
import { CONNECT_TIMEOUT } from "./agents.js";
import { createLeanFetch } from "./lean-fetch.js";

let lean: ReturnType<typeof createLeanFetch>;
beforeEach(() => {
  lean = createLeanFetch({ freshConnections: false });
});
afterEach(() => lean.close());

async function against(answer: RequestListener): Promise<string> {
  const listener = await startListener(answer);
  onTestFinished(listener.close);
  return listener.origin;
}

/** Answers with the request that it received. */
const echo: RequestListener = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  const seen = { method, url, key: headers.authorization, type: headers["content-type"] };
  response.writeHead(201, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] });
  response.end(JSON.stringify({ ...seen, body: Buffer.concat(chunks).toString("latin1") }));
};

test("lean fetch: sends and answers as fetch does", async () => {
  const origin = await against(echo);
  const headers = new Headers({ authorization: "Key x", "content-type": "application/json" });
  const response = await lean.fetch(`${origin}/a?b=1`, { method: "POST", headers, body: '{"c":2}' });
  expect(response.status).toBe(201);
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(await response.json()).toEqual({
    ...{ method: "POST", url: "/a?b=1", key: "Key x", type: "application/json" },
    body: '{"c":2}',
  });
});

test("lean fetch: sends a form with its boundary", async () => {
  const origin = await against(echo);
  const body = new FormData();
  body.set("file", new Blob(["bytes"]), "a.bin");
  const seen = (await (await lean.fetch(origin, { method: "POST", body })).json()) as { type: string; body: string };
  expect(seen.type).toMatch(/^multipart\/form-data; boundary=/);
  expect(seen.body).toContain("bytes");
});

test("lean fetch: 204 has no body, and a redirect is not followed", async () => {
  const origin = await against((request, response) => {
    response.writeHead(request.url === "/empty" ? 204 : 307, { location: "/elsewhere" }).end();
  });
  expect((await lean.fetch(`${origin}/empty`, { method: "DELETE" })).status).toBe(204);
  expect((await lean.fetch(`${origin}/moved`)).status).toBe(307);
});

test("lean fetch: cuts an endless answer", async () => {
  const origin = await against((_request, response) => {
    const chunk = Buffer.alloc(256 * 1024, " ");
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  await expect(lean.fetch(origin)).rejects.toThrow("too large");
});

test("lean fetch: rejects with the reason of its signal, and with the code of a refused connection", async () => {
  const origin = await against(() => {});
  const signal = AbortSignal.timeout(50);
  await expect(lean.fetch(origin, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(lean.fetch(await deadUrl())).rejects.toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
});

test.each([true, false])("lean fetch: consecutive calls, each on its own connection: %s", async (freshConnections) => {
  const own = createLeanFetch({ freshConnections });
  onTestFinished(own.close);
  const ports = new Set<number | undefined>();
  const origin = await against((request, response) => {
    ports.add(request.socket.remotePort);
    response.end("{}");
  });
  for (let calls = 0; calls < 5; calls += 1) await own.fetch(origin, { method: "POST", body: "{}" });
  expect(ports.size === 5).toBe(freshConnections);
});

test.each([true, false])(
  "lean fetch: a call whose connection breaks is sent once (fresh: %s)",
  async (freshConnections) => {
    const own = createLeanFetch({ freshConnections });
    onTestFinished(own.close);
    let calls = 0;
    const origin = await against((request, response) => {
      calls += 1;
      if (calls === 1) response.end("{}");
      else request.socket.resetAndDestroy();
    });
    const submit = () => own.fetch(origin, { method: "POST", body: "{}" });
    expect((await submit()).status).toBe(200);
    await expect(submit()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(calls).toBe(2);
  },
);

test("lean fetch: a body that is cut is an error", async () => {
  const origin = await against((_request, response) => {
    response.writeHead(200, { "content-length": 10 });
    response.write("hello", () => setImmediate(() => response.destroy()));
  });
  await expect(lean.fetch(origin)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("lean fetch: a body that is broken when its head arrives is an error", async () => {
  const answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz";
  const broken = await startTcpListener((socket) => socket.on("data", () => socket.end(answer)));
  onTestFinished(broken.close);
  await expect(lean.fetch(broken.origin)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
});

test("lean fetch: decodes gzip that we did not ask for; an answer that is not HTTP is an error", async () => {
  const origin = await against((request, response) => {
    if (request.url === "/garbage") return void request.socket.end("NOT HTTP\r\n\r\n");
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync('{"ok":true}'));
  });
  expect(await (await lean.fetch(origin)).json()).toEqual({ ok: true });
  await expect(lean.fetch(`${origin}/garbage`)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
});

test("lean fetch: sends a Request, a blob, bytes and a stream, with their type", async () => {
  const origin = await against(echo);
  const send = async (...call: Parameters<typeof fetch>) => (await lean.fetch(...call)).json();
  const blob = new Blob(["bytes"], { type: "image/png" });
  const expected = { method: "PUT", type: "image/png", body: "bytes" };
  expect(await send(origin, { method: "PUT", body: blob })).toMatchObject(expected);
  expect(await send(new Request(origin, { method: "PUT", body: blob }))).toMatchObject(expected);
  const headers = { "content-type": "image/png" };
  expect(await send(origin, { method: "PUT", body: Buffer.from("bytes"), headers })).toMatchObject(expected);
  expect(await send(origin, { method: "PUT", body: blob.stream(), headers })).toMatchObject(expected);
});

test("lean fetch: a TLS handshake that takes too long is a connect timeout: nothing was sent", async () => {
  const silent = await startTcpListener(() => {});
  onTestFinished(silent.close);
  const own = createLeanFetch({ freshConnections: true, connectTimeoutMs: 50 });
  onTestFinished(own.close);
  const call = own.fetch(silent.origin.replace("http:", "https:"));
  await expect(call).rejects.toMatchObject({ code: CONNECT_TIMEOUT });
});

test("lean fetch: a call that is stopped while it connects is a connect timeout: nothing was sent", async () => {
  const silent = await startTcpListener(() => controller.abort());
  onTestFinished(silent.close);
  // As SDKs do it: the reason does not say that a time limit was over.
  const controller = new AbortController();
  const call = lean.fetch(silent.origin.replace("http:", "https:"), { signal: controller.signal });
  await expect(call).rejects.toMatchObject({ code: CONNECT_TIMEOUT });
});

test("lean fetch: a failed TLS handshake does not have the code of a refused connection", async () => {
  const plain = await startTcpListener((socket) => void socket.once("data", () => socket.end("NOT TLS\r\n\r\n")));
  onTestFinished(plain.close);
  const fault = await lean.fetch(plain.origin.replace("http:", "https:")).catch((error) => error);
  expect(fault).toBeInstanceOf(Error);
  expect(fault.syscall).not.toBe("connect");
  expect(fault.code).not.toBe(CONNECT_TIMEOUT);
});
