/** The calls that skip Hono: each is answered as through Hono, and those with anything unusual about them go there. */
import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { KEY, OTHER_KEY, useTestApi, VEO } from "../../../tests/support/api.js";
import { until } from "../../../tests/support/until.js";
import { createApi } from "./app.js";
import { createApiServer } from "./http/server.js";

const { api } = useTestApi();
/** The calls that skipped Hono. */
const skipped: string[] = [];
let hot: Server;
let plain: Server;
let known: string;
beforeAll(async () => {
  const { app, hotRoutes } = createApi(api.deps);
  const counted = hotRoutes.map((route) => ({
    ...route,
    run: (c: Parameters<typeof route.run>[0]) => {
      skipped.push(`${c.req.method} ${c.req.path}`);
      return route.run(c);
    },
  }));
  const { accessLog } = api.deps;
  const open = async (routes: typeof hotRoutes) => {
    const server = createApiServer({ fetch: app.fetch, hotRoutes: routes, accessLog, keepAliveMs: 60_000 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  [hot, plain] = [await open(counted), await open([])];
  known = await api.submit();
});
afterAll(() => {
  for (const server of [hot, plain]) server.closeAllConnections();
  for (const server of [hot, plain]) server.close();
});

interface Call {
  method?: string;
  path: string;
  host?: string;
  /** Names and values in turn, as they are sent. */
  headers?: string[];
  body?: string | Buffer;
  /** Default: as many as the body has. */
  length?: string | null;
}

const BEARER = ["Authorization", `Bearer ${KEY}`];
const JSON_TYPE = ["Content-Type", "application/json"];
const ASYNC = ["Prefer", "respond-async"];

interface Answered {
  status: number | undefined;
  headers: string[];
  body: string;
}

function send(
  server: Server,
  { method = "GET", path, host = "gateway.test", headers = [], body, length }: Call,
): Promise<Answered> {
  const { port } = server.address() as AddressInfo;
  const size = body === undefined ? null : String(Buffer.byteLength(body));
  const announced = length === undefined ? size : length;
  const all = ["Host", host, "X-Request-Id", "the-same-id-for-both", ...headers];
  if (announced !== null) all.push("Content-Length", announced);
  return new Promise((resolve, reject) => {
    const call = request({ port, host: "127.0.0.1", method, path, headers: all as never }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const { rawHeaders, statusCode } = response;
        const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
        resolve({ status: statusCode, headers: lines, body: Buffer.concat(chunks).toString() });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** Without what differs between any two calls: ids, signatures, times, and the room in rate limits. */
function comparable({ status, headers, body }: Answered) {
  const plainly = (text: string) =>
    text
      .replaceAll(/01[0-9a-f]{6}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
      .replaceAll(/expires=\d+&signature=[\w-]+/g, "<signed>")
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");
  const shown = headers.map(plainly).filter((line) => !/^(date|keep-alive): /i.test(line));
  return { status, headers: shown.toSorted(), body: plainly(body) };
}

const generate = (body: unknown, headers: string[] = ASYNC): Call => ({
  method: "POST",
  path: "/api/v1/videos/generate",
  headers: [...BEARER, ...JSON_TYPE, ...headers],
  body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
});
const status = (id: string, headers: string[] = BEARER): Call => ({ path: `/api/v1/requests/${id}`, headers });

/** `skips`: whether it skips Hono. */
const CALLS: Record<string, { call: (to: string) => Call; skips: boolean }> = {
  "a status poll": { call: () => status(known), skips: true },
  "a poll of an unknown request": { call: () => status("018f0000-0000-7000-8000-00000000ffff"), skips: true },
  "a poll of something that is no id": { call: () => status("no-id"), skips: true },
  "a poll with another organization's key": {
    call: () => status(known, ["Authorization", `Bearer ${OTHER_KEY}`]),
    skips: true,
  },
  "a poll without a key": { call: () => status(known, []), skips: true },
  "a poll with an unknown key": { call: () => status(known, ["Authorization", "Bearer vg-nobody"]), skips: true },
  "a poll with two keys": { call: () => status(known, [...BEARER, ...BEARER]), skips: true },
  "a poll with Prefer": { call: () => status(known, [...BEARER, "Prefer", "wait=1"]), skips: true },
  "a poll with a wrong Prefer": { call: () => status(known, [...BEARER, "Prefer", "wait=x"]), skips: true },
  "a poll with a query": { call: () => ({ ...status(`${known}?wait=0`) }), skips: false },
  "a poll with a wrong query": { call: () => ({ ...status(`${known}?wait=x`) }), skips: false },
  "a poll with an encoded id": { call: () => status(known.replace("-", "%2D")), skips: false },
  "a poll with a slash at the end": { call: () => status(`${known}/`), skips: false },
  "a poll with a body": { call: () => ({ ...status(known), body: "x" }), skips: false },
  "a HEAD of a request": { call: () => ({ ...status(known), method: "HEAD" }), skips: false },
  "another method": { call: () => ({ ...status(known), method: "PUT" }), skips: false },
  "an IPv6 address as host": { call: () => ({ ...status(known), host: "[::1]:8787" }), skips: false },
  "a submit": { call: () => generate(VEO), skips: true },
  "a submit that waits": { call: () => generate(VEO, ["Prefer", "wait=1"]), skips: true },
  "a submit with an Idempotency-Key": {
    call: (to) => generate(VEO, [...ASYNC, "Idempotency-Key", `${to} one`]),
    skips: true,
  },
  "the same again": { call: (to) => generate(VEO, [...ASYNC, "Idempotency-Key", `${to} one`]), skips: true },
  "the same key with another body": {
    call: (to) => generate({ ...VEO, prompt: "another" }, [...ASYNC, "Idempotency-Key", `${to} one`]),
    skips: true,
  },
  "a submit with two Idempotency-Keys": {
    call: (to) => generate(VEO, [...ASYNC, "Idempotency-Key", to, "Idempotency-Key", "again"]),
    skips: true,
  },
  "a submit with a wrong field": { call: () => generate({ ...VEO, duration_seconds: "x" }), skips: true },
  "a submit of an unknown model": { call: () => generate({ ...VEO, model: "fal-ai/veo33" }), skips: true },
  "a submit with a provider key": { call: () => generate(VEO, [...ASYNC, "X-Fal-Key", "key"]), skips: true },
  "a submit that is no JSON": { call: () => generate("{"), skips: true },
  "a submit with a byte order mark": { call: () => generate(`\uFEFF${JSON.stringify(VEO)}`), skips: true },
  "a submit that is not UTF-8": { call: () => generate(Buffer.from([0x7b, 0xff, 0x7d])), skips: true },
  "an empty submit": { call: () => generate(""), skips: true },
  "a submit without a content type": {
    call: () => ({ ...generate(VEO), headers: [...BEARER, ...ASYNC] }),
    skips: true,
  },
  "a submit without a key": { call: () => ({ ...generate(VEO), headers: [...JSON_TYPE, ...ASYNC] }), skips: true },
  "a submit that is too large": { call: () => generate({ ...VEO, prompt: "x".repeat(15_000_000) }), skips: true },
  "a submit in chunks": {
    call: () => ({
      ...generate(VEO),
      length: null,
      headers: [...(generate(VEO).headers ?? []), "Transfer-Encoding", "chunked"],
    }),
    skips: false,
  },
  images: {
    call: () => ({ ...generate({ model: "fal-ai/flux/schnell", prompt: "a fox" }), path: "/api/v1/images/generate" }),
    skips: true,
  },
  "a quick image": { call: () => ({ ...generate({ prompt: "a fox" }), path: "/api/v1/generate" }), skips: true },
  "a list": { call: () => ({ path: "/api/v1/requests?limit=1", headers: BEARER }), skips: false },
  health: { call: () => ({ path: "/health", headers: [] }), skips: false },
};

test.each(Object.entries(CALLS))("%s: is answered as through Hono", async (_, { call, skips }) => {
  const expected = comparable(await send(plain, call("plain")));
  skipped.length = 0;
  expect(comparable(await send(hot, call("hot")))).toEqual(expected);
  expect(skipped.length > 0).toBe(skips);
});

test("a caller that leaves while it waits: its wait ends, and the server goes on", async () => {
  const { port } = hot.address() as AddressInfo;
  const { headers = [], body } = generate({ ...VEO, callback_id: "left" }, ["Prefer", "wait=20"]);
  const before = api.log().length;
  const call = request({
    ...{ port, host: "127.0.0.1", method: "POST", path: "/api/v1/videos/generate" },
    headers: ["Host", "gateway.test", ...headers, "Content-Length", String(Buffer.byteLength(String(body)))] as never,
  });
  call.on("error", () => {});
  call.end(body);
  const id = await until("the request", async () => {
    const { requests } = (await api.call("GET", "/requests?callback_id=left")).body;
    return requests[0]?.id as string | undefined;
  });
  const channel = api.deps.store.keys.channel("default", id);
  await until("its caller to wait", async () => ((await api.redis.pubsub("NUMSUB", channel)) as [string, number])[1]);
  call.destroy();
  await until("the log line", () => api.log().slice(before).includes('"path":"/api/v1/videos/generate"'));
  expect((await send(hot, status(known))).status).toBe(200);
});

test("a body that is cut off: no answer, no error, and the server goes on", async () => {
  const { port } = hot.address() as AddressInfo;
  const call = request({
    ...{ port, host: "127.0.0.1", method: "POST", path: "/api/v1/videos/generate" },
    headers: ["Host", "gateway.test", ...BEARER, ...JSON_TYPE, "Content-Length", "100"] as never,
  });
  call.on("error", () => {});
  const arrived = once(hot, "request");
  call.write("{");
  await arrived;
  call.destroy();
  expect((await send(hot, status(known))).status).toBe(200);
});

test("while Redis is away: 503 for each call, and none stays without an answer", async () => {
  const { watchedRevision, get } = api.deps.store.requests;
  const away = () => Promise.reject(new Error("Command timed out"));
  Object.assign(api.deps.store.requests, { watchedRevision: away, get: away });
  onTestFinished(() => {
    Object.assign(api.deps.store.requests, { watchedRevision, get });
  });
  const find = api.deps.store.apiKeys.find;
  api.deps.store.apiKeys.find = away;
  onTestFinished(() => {
    api.deps.store.apiKeys.find = find;
  });
  const calls = [status(known), status(known, ["Authorization", "Bearer vg-not-remembered"])];
  expect((await Promise.all(calls.map((call) => send(hot, call)))).map((answer) => answer.status)).toEqual([503, 503]);
});
