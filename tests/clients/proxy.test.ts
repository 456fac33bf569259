/** The proxy in real Hono and Express applications, before a real gateway; a recorder sees its calls to the gateway. */
import { readFileSync } from "node:fs";
import { request as open } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { deadUrl, type Listener, startListener } from "../support/listeners.js";
import { readSse } from "../support/sse.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import {
  type Application,
  type Options,
  type StartApplication,
  startExpress,
  startHono,
} from "./support/applications.js";
import { type Recorder, startRecorder } from "./support/recorder.js";

let test: TestStack;
let recorder: Recorder;
beforeAll(async () => {
  test = await startTestStack();
  recorder = await startRecorder(test.stack.baseUrl);
});
afterAll(async () => {
  await recorder.close();
  await test.stop();
});
afterEach(() => test.simulator.reset());

it("the README shows the Express adapter that is tested here", () => {
  const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const shown = /```js\n(export const visgate [\s\S]*?)```/.exec(textOf("packages/server-proxy/README.md"))?.[1];
  expect(shown).toBeDefined();
  expect(textOf("examples/express-server/visgate.mjs")).toContain(shown);
});

const ATTACKS = [
  "/webhook-endpoints",
  "/webhooks/default/secret",
  "/providers/keys",
  "/providers/balances",
  "/auth/me",
  "/api-keys",
  "/files/default/x/0",
  "/../webhook-endpoints",
  "/models/../webhook-endpoints",
  "/models/%2e%2e/webhook-endpoints",
  "/models/%2E%2E%2Fwebhook-endpoints",
  "/models/..%2fwebhook-endpoints",
  "/models/%252e%252e/webhook-endpoints",
  "/models/..%5cwebhook-endpoints",
  "/models/..\\webhook-endpoints",
  "/models/.%2e/webhook-endpoints",
  "/models//webhook-endpoints",
  "//webhook-endpoints",
  "/models/x%3fy",
  "/models/x%23y",
  "/models/x%0d%0aX-Evil:1",
  "/models/x%00",
  "/requests/x%2fcancel",
  "/requests/x/deliveries",
  "/http://127.0.0.1:1/generate",
  "/http:%2f%2f127.0.0.1:1",
  "/@127.0.0.1:1/generate",
  "/",
  "",
];

describe.each<[string, StartApplication]>([
  ["Hono", startHono],
  ["Express", startExpress],
])("in %s", (_name, start) => {
  let app: Application;
  const apps: Application[] = [];
  /** Starts another application with its own options; it is closed after all tests. */
  const startApp = async (options: Options = {}) => {
    const started = await start({ apiKey: test.stack.apiKey, baseUrl: recorder.origin, ...options });
    apps.push(started);
    return started;
  };
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => {
    await Promise.all(apps.map((each) => each.close()));
  });
  beforeEach(() => {
    recorder.asked.length = 0;
  });

  const call = async (method: string, path: string, { body, on = app, ...init }: Call = {}) => {
    const json = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const headers = { "content-type": "application/json", ...init.headers };
    const response = await fetch(on.proxyUrl + path, { ...init, ...json, method, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text === "" ? null : JSON.parse(text) };
  };
  const submit = async (body: object = VEO) => {
    const answer = await call("POST", "/videos/generate", { body, headers: { prefer: "respond-async" } });
    expect(answer.status).toBe(202);
    return { id: answer.body.request_id as string, headers: answer.headers };
  };
  const neverFinishing = async () => {
    await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
    const { id } = await submit();
    return id;
  };

  it("a video: generate, read by Location, list, cancel too late, delete", async () => {
    const { id, headers } = await submit();
    expect(headers.get("location")).toBe(`/api/visgate/requests/${id}`);
    expect(headers.get("preference-applied")).toBe("respond-async");
    const ended = await call("GET", `/requests/${id}?wait=30`);
    expect(ended.body).toMatchObject({ status: "completed", output_url: expect.stringContaining("/files/") });
    expect((await fetch(ended.body.output_url)).headers.get("content-type")).toBe("video/mp4");
    expect((await call("GET", "/requests?limit=1")).body.requests[0].id).toBe(id);
    expect((await call("POST", `/requests/${id}/cancel`)).body.error).toBe("ALREADY_TERMINAL");
    expect((await call("DELETE", `/requests/${id}`)).body).toEqual({ request_id: id, deleted: true });
    expect((await call("GET", `/requests/${id}`)).body.error).toBe("REQUEST_NOT_FOUND");
  });

  it("models, events and health pass", async () => {
    expect((await call("GET", "/models/fal-ai/veo3/fast")).body.id).toBe("fal-ai/veo3/fast");
    expect((await call("GET", "/models?provider=runway&limit=1")).body.models[0].provider).toBe("runway");
    expect((await call("GET", "/health")).body.status).toBe("ok");
    expect((await call("GET", "/events")).body).toMatchObject({
      events: expect.any(Array),
      latest: expect.any(Number),
    });
    const head = await call("HEAD", "/models");
    expect([head.status, head.text]).toEqual([200, ""]);
  });

  it("the gateway's 422 and its replays pass unchanged", async () => {
    const refused = await call("POST", "/videos/generate", { body: { ...VEO, duration_seconds: 99 } });
    expect([refused.status, refused.body.details.field]).toEqual([422, "duration_seconds"]);
    expect(refused.headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
    const again = { body: VEO, headers: { prefer: "respond-async", "idempotency-key": `key-${app.port}` } };
    const [first, second] = [
      await call("POST", "/videos/generate", again),
      await call("POST", "/videos/generate", again),
    ];
    expect(second.body.request_id).toBe(first.body.request_id);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
  });

  it("events arrive while the request is still running, and a stream can be resumed", async () => {
    await test.simulator.settings({ render_seconds: 1 });
    const { id } = await submit();
    const response = await fetch(`${app.proxyUrl}/requests/${id}/events`);
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const stream = readSse(response);
    const first = await stream.next();
    // A buffered stream would deliver its first event only after the end.
    expect((await test.caller.status(id)).completed_at).toBeNull();
    const all = [first, ...(await stream.rest())];
    expect(all.at(-1)?.data.status).toBe("completed");
    const resume = (lastId = "") =>
      fetch(`${app.proxyUrl}/requests/${id}/events`, { headers: { "last-event-id": lastId } });
    expect(await readSse(await resume(all.at(-2)?.id)).rest()).toEqual(all.slice(-1));
    expect((await resume(all.at(-1)?.id)).status).toBe(204);
  });

  it("a browser that disconnects: the proxy ends its stream, and its long poll, at the gateway", async () => {
    const id = await neverFinishing();
    for (const path of [`/requests/${id}/events`, `/requests/${id}?wait=60`]) {
      const before = recorder.hungUp;
      const browser = new AbortController();
      recorder.asked.length = 0;
      const answer = fetch(app.proxyUrl + path, { signal: browser.signal });
      if (path.endsWith("/events")) await readSse(await answer).next();
      await until("the gateway to be asked", () => recorder.asked.length === 1);
      browser.abort();
      await answer.catch(() => {});
      await until("the proxy to disconnect from the gateway", () => recorder.hungUp === before + 1);
    }
    await test.caller.call("POST", `/requests/${id}/cancel`);
  });

  it("include=timeline is removed: time lines name machines", async () => {
    const id = await neverFinishing();
    const own = await test.caller.call("GET", `/requests/${id}?include=timeline`);
    expect(own.body.timeline).toBeDefined();
    const shown = await call("GET", `/requests/${id}?wait=1&include=timeline`);
    expect([shown.status, shown.body.timeline]).toEqual([200, undefined]);
    expect(recorder.asked.at(-1)?.url).toMatch(/\?wait=1&include=-input$/);
    await test.caller.call("POST", `/requests/${id}/cancel`);
  });

  it("prompts are not shown, and cannot be searched for", async () => {
    const id = await neverFinishing();
    const own = await test.caller.call("GET", `/requests/${id}`);
    expect(own.body.input.prompt).toBeTypeOf("string");
    for (const path of [`/requests/${id}`, `/requests/${id}?include=-input`, "/requests", "/requests?text=zebra"]) {
      const { status, body } = await call("GET", path);
      const shown = path.startsWith(`/requests/${id}`) ? body : body.requests[0];
      expect([path, status, shown.id === id, shown.input]).toEqual([path, 200, true, undefined]);
    }
    await test.caller.call("POST", `/requests/${id}/cancel`);
  });

  it("a stream that breaks at the gateway ends for the browser", async () => {
    const id = await neverFinishing();
    const stream = readSse(await fetch(`${app.proxyUrl}/requests/${id}/events`));
    expect(await stream.next()).not.toBeNull();
    recorder.cutAll();
    await stream.rest();
    await test.caller.call("POST", `/requests/${id}/cancel`);
  });

  it("timeoutMs: a call is answered 504, a stream ends, and both are closed at the gateway", async () => {
    const hasty = await startApp({ timeoutMs: 400 });
    const id = await neverFinishing();
    const before = recorder.hungUp;
    const late = await call("GET", `/requests/${id}?wait=60`, { on: hasty });
    expect([late.status, late.body.error, late.headers.get("retry-after")]).toEqual([504, "UNAVAILABLE", "2"]);
    const response = await fetch(`${hasty.proxyUrl}/requests/${id}/events`);
    expect(response.status).toBe(200);
    expect((await readSse(response).rest()).length).toBeGreaterThan(0);
    await until("the proxy to close both", () => recorder.hungUp === before + 2);
    await test.caller.call("POST", `/requests/${id}/cancel`);
  });

  it("an unreachable gateway: 503 with Retry-After, without the gateway's address", async () => {
    const url = await deadUrl();
    const down = await call("GET", "/models", { on: await startApp({ baseUrl: url }) });
    expect([down.status, down.body.error, down.headers.get("retry-after")]).toEqual([503, "UNAVAILABLE", "2"]);
    expect(down.text).not.toContain(new URL(url).port);
    expect(down.text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
  });

  it.each<[string, (listener: Listener) => [number, Record<string, string>]]>([
    ["a page", () => [200, { "content-type": "text/html" }]],
    ["a proxy's error page", () => [502, { "content-type": "text/html" }]],
    ["a redirect", (other) => [307, { location: `${other.origin}/api/v1/models` }]],
    ["a redirect in JSON", () => [302, { location: "/api/v1/requests", "content-type": "application/json" }]],
  ])("a server that is not a gateway: 503 for %s", async (_what, answer) => {
    const other = await startListener((_request, response) => response.end());
    const impostor = await startListener((_request, response) =>
      response.writeHead(...answer(other)).end("<script>alert(1)</script> nginx at 10.0.0.1"),
    );
    const answered = await call("GET", "/models", { on: await startApp({ baseUrl: impostor.origin }) });
    expect([answered.status, answered.body.error]).toEqual([503, "UNAVAILABLE"]);
    expect(answered.text).not.toContain("10.0.0.1");
    expect(answered.headers.get("location")).toBeNull();
    expect(other.asked).toEqual([]); // the key went nowhere else
    await Promise.all([other.close(), impostor.close()]);
  });

  it("a wrong key of the server: 500 that names the variable and does not contain the key", async () => {
    const misled = await startApp({ apiKey: "vg-this-key-was-revoked" });
    const refused = await call("GET", "/requests", { on: misled });
    expect([refused.status, refused.body.error]).toEqual([500, "INTERNAL_ERROR"]);
    expect(refused.body.message).toContain("VISGATE_API_KEY");
    expect(refused.text).not.toContain("vg-this");
  });

  it.each(ATTACKS)("GET %s: refused without a call to the gateway", async (path) => {
    // Hono's server refuses some of these by itself, with 400.
    expect([400, 404]).toContain(await statusOfRaw(app, "GET", path));
    expect(recorder.asked).toEqual([]);
  });

  it.each([
    ["GET", "/videos/generate", "POST, OPTIONS"],
    ["POST", "/requests", "GET, HEAD, OPTIONS"],
    ["PUT", "/requests/x", "GET, DELETE, HEAD, OPTIONS"],
    ["PATCH", "/requests/x", "GET, DELETE, HEAD, OPTIONS"],
    ["DELETE", "/models/fal-ai/veo3", "GET, HEAD, OPTIONS"],
    ["GET", "/requests/x/cancel", "POST, OPTIONS"],
  ])("%s %s: 405 with Allow, and the same Allow for OPTIONS", async (method, path, allow) => {
    const refused = await call(method, path);
    expect([refused.status, refused.body.error, refused.headers.get("allow")]).toEqual([405, "NOT_FOUND", allow]);
    const asked = await call("OPTIONS", path, { headers: { origin: "https://evil.example" } });
    expect([asked.status, asked.headers.get("allow")]).toEqual([204, allow]);
    expect([...asked.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(recorder.asked).toEqual([]);
  });

  it("the gateway gets five of the browser's headers and none of its keys", async () => {
    const headers = {
      authorization: "Bearer of-the-browser",
      cookie: "session=of-the-browser",
      "x-fal-key": "of-the-browser",
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-host": "of-the-browser",
      "x-request-id": "of-the-browser",
      origin: "https://of-the-browser.example",
      accept: "application/json",
      prefer: "respond-async",
      "idempotency-key": `headers-${app.port}`,
      "last-event-id": "7",
    };
    const answer = await call("POST", "/videos/generate", { body: VEO, headers });
    expect(answer.status).toBe(202);
    const [asked] = recorder.asked;
    expect(JSON.stringify(asked)).not.toMatch(/of-the-browser|203\.0\.113/);
    const { authorization, accept, prefer, ...rest } = asked?.headers ?? {};
    expect({ authorization, accept, prefer }).toEqual({
      authorization: `Bearer ${test.stack.apiKey}`,
      accept: "application/json",
      prefer: "respond-async",
    });
    const byFetch = [
      "accept-encoding",
      "accept-language",
      "connection",
      "content-length",
      "host",
      "sec-fetch-mode",
      "user-agent",
    ];
    const more = Object.keys(rest).filter(
      (name) => !byFetch.includes(name) && !["cache-control", "pragma"].includes(name),
    );
    expect(more.toSorted()).toEqual(["content-type", "idempotency-key", "last-event-id"]);
    expect(JSON.stringify([...answer.headers, answer.text])).not.toContain(test.stack.apiKey);
  });

  it("a body above 8 MB: 413, with and without Content-Length, without a call to the gateway", async () => {
    const body = JSON.stringify({ ...VEO, prompt: "x".repeat(8 * 1024 * 1024) });
    const announced = await call("POST", "/videos/generate", { body });
    expect([announced.status, announced.body.error]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(await statusOfRaw(app, "POST", "/videos/generate", body)).toBe(413);
    expect(recorder.asked).toEqual([]);
    // A body below the limit is passed on, and the gateway refuses it.
    const legal = await call("POST", "/videos/generate", { body: { ...VEO, prompt: "x".repeat(7 * 1024 * 1024) } });
    expect(recorder.asked.length).toBe(1);
    expect(legal.body.error).toMatch(/VALIDATION_ERROR|PAYLOAD_TOO_LARGE/);
  });

  it("webhook_url: 422, without a call to the gateway", async () => {
    const receiver = await startListener((_request, response) => response.end());
    const body = { ...VEO, webhook_url: `${receiver.origin}/hook` };
    const refused = await call("POST", "/videos/generate", { body });
    expect([refused.status, refused.body.details]).toEqual([422, { field: "webhook_url" }]);
    expect(recorder.asked).toEqual([]);
    await receiver.close();
  });
});

interface Call {
  body?: unknown;
  headers?: Record<string, string>;
  on?: Application;
}

/** Sends the path unchanged, which `fetch` would normalise, and the body without Content-Length. */
async function statusOfRaw(app: Application, method: string, path: string, body?: string): Promise<number> {
  const options = { host: "127.0.0.1", port: app.port, method, path: `/api/visgate${path}` };
  return new Promise((resolve, reject) => {
    const request = open({ ...options, headers: { "content-type": "application/json" } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    if (body !== undefined) request.write(body);
    request.end();
  });
}
