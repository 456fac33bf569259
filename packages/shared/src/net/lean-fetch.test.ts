import type { RequestListener } from "node:http";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { deadUrl, startListener } from "../../../../tests/support/listeners.js";
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

/** Answers with what it was sent. */
const echo: RequestListener = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  const seen = { method, url, key: headers.authorization, type: headers["content-type"] };
  response.writeHead(201, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] });
  response.end(JSON.stringify({ ...seen, body: Buffer.concat(chunks).toString("latin1") }));
};

test("sends what it is given, and answers as fetch does", async () => {
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

test("a form goes the long way, and arrives", async () => {
  const origin = await against(echo);
  const body = new FormData();
  body.set("file", new Blob(["bytes"]), "a.bin");
  const seen = (await (await lean.fetch(origin, { method: "POST", body })).json()) as { type: string; body: string };
  expect(seen.type).toMatch(/^multipart\/form-data; boundary=/);
  expect(seen.body).toContain("bytes");
});

test("204 has no body; a redirect is not followed", async () => {
  const origin = await against((request, response) => {
    response.writeHead(request.url === "/empty" ? 204 : 307, { location: "/elsewhere" }).end();
  });
  expect((await lean.fetch(`${origin}/empty`, { method: "DELETE" })).status).toBe(204);
  expect((await lean.fetch(`${origin}/moved`)).status).toBe(307);
});

test("an endless answer is cut", async () => {
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

test("a signal ends it, with its reason; nobody listening is told by its code", async () => {
  const origin = await against(() => {});
  const signal = AbortSignal.timeout(50);
  await expect(lean.fetch(origin, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(lean.fetch(await deadUrl())).rejects.toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
});

test.each([true, false])("calls one after another, each on a connection of its own: %s", async (freshConnections) => {
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
