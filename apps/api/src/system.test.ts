import { readFileSync } from "node:fs";
import { errorBody, health } from "@visgate/shared/contract";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ASYNC, BASE, KEY, OTHER_KEY, startTestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { inline } from "../../../tests/support/openapi.js";
import { apiKeyOf } from "../../../tests/support/records.js";
import { until } from "../../../tests/support/until.js";

const { server, api } = useTestApi();
const get = (path: string, headers: Record<string, string> = {}, key: string | null = null) =>
  api.call("GET", path, { key, headers });

describe("health and identity", () => {
  test("GET /health: is ok and counts the queues", async () => {
    await api.submit();
    const { status, body } = await get("/health");
    expect(status).toBe(200);
    expect(z.strictObject(health.shape).parse(body)).toMatchObject({
      status: "ok",
      version: "0.0.0-test",
      database: "ok",
      cache: "ok",
      queues: { fal: { waiting: 1, active: 0 }, webhooks: { waiting: 0 }, maintenance: { waiting: 0 } },
    });
  });

  test("GET /auth/me: shows the organization of the key", async () => {
    expect((await get("/auth/me", {}, KEY)).body).toEqual({
      organization: { id: "default", name: "default" },
      role: "api-key",
      key: { id: "bootstrap", name: "VISGATE_API_KEY", scopes: ["generate", "read", "manage"] },
    });
    expect((await get("/auth/me", {}, OTHER_KEY)).body.organization).toEqual({ id: "globex", name: "Globex" });
  });

  test("GET /webhooks/default/secret: shows a constant secret of each organization's own", async () => {
    const secret = async (key: string) => (await get("/webhooks/default/secret", {}, key)).body.key;
    const mine = await secret(KEY);
    expect(mine).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(await secret(KEY)).toBe(mine);
    expect(await secret(OTHER_KEY)).not.toBe(mine);
    expect(new Webhook(mine).sign("msg_1", new Date(0), "{}")).toMatch(/^v1,/);
  });

  test("an API key that was replaced works for less than one more second", async () => {
    const { apiKeys } = api.deps.store;
    const save = (key: string) => apiKeys.save(apiKeyOf({ id: "rotating", organization: "globex" }, key), null);
    await save("vg-old-rotating-key-000");
    expect((await get("/auth/me", {}, "vg-old-rotating-key-000")).status).toBe(200);
    await save("vg-new-rotating-key-000");
    expect((await get("/auth/me", {}, "vg-new-rotating-key-000")).status).toBe(200);
    api.clock.advance(900);
    expect((await get("/auth/me", {}, "vg-old-rotating-key-000")).status).toBe(401);
  });
});

describe("X-Request-Id", () => {
  test.each([
    { method: "GET", path: "/health", status: 200 },
    { method: "GET", path: "/models", status: 200 },
    { method: "GET", path: "/models/nope", status: 404 },
    { method: "GET", path: "/docs", status: 200 },
    { method: "GET", path: "/docs/start.js", status: 200 },
    { method: "GET", path: "/openapi.json", status: 200 },
    { method: "GET", path: "/auth/me", status: 401 },
    { method: "POST", path: "/videos/generate", status: 401 },
    { method: "GET", path: "/no/such/route", status: 404 },
    { method: "DELETE", path: "/models", status: 405 },
    { method: "GET", path: "/files/default/x/0.mp4?expires=1&signature=x", status: 401 },
    { method: "GET", path: `${BASE}/`, status: 302 },
    { method: "GET", path: `${BASE}/metrics`, status: 200 },
    { method: "GET", path: `${BASE}/elsewhere`, status: 404 },
  ])("is on $method $path ($status)", async ({ method, path, status }) => {
    const own = await api.call(method, path, { key: null });
    expect(own.status).toBe(status);
    expect(own.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const given = await api.call(method, path, { key: null, headers: { "x-request-id": "trace-1.A_b" } });
    expect(given.headers.get("x-request-id")).toBe("trace-1.A_b");
    if (status >= 400) expect(() => z.strictObject(errorBody.shape).parse(own.body)).not.toThrow();
  });

  test.each(["a b", "x".repeat(129), '"},{"level":60', "<script>"])("with the value %s is replaced", async (id) => {
    expect((await get("/health", { "x-request-id": id })).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test("HEAD: answers like GET without a body, and is a 405 on routes with POST only", async () => {
  for (const path of ["/health", "/models", "/models/fal-ai/veo3", "/docs", "/openapi.json"]) {
    const { status, bytes } = await api.call("HEAD", path, { key: null });
    expect([path, status, bytes.length]).toEqual([path, 200, 0]);
  }
  expect((await api.call("HEAD", "/videos/generate")).status).toBe(405);
});

describe("GET /openapi.json", () => {
  // biome-ignore lint/suspicious/noExplicitAny: the document is read like any client reads it
  let document: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  let whole: any;
  beforeAll(async () => {
    document = (await get("/openapi.json")).body;
    whole = inline(document);
  });
  const operations = () =>
    Object.entries(whole.paths).flatMap(([path, item]) =>
      // biome-ignore lint/suspicious/noExplicitAny: as above
      Object.entries(item as any).map(([method, operation]) => ({ path, method, operation: operation as any })),
    );

  test("lists every route of the app and no others", () => {
    const routed = api
      .routes()
      .filter(({ path, method }) => path.startsWith("/api/v1/") && !["ALL", "OPTIONS"].includes(method));
    const expected = routed.map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)\{\.\+\}/g, "{$1}").replace(/:(\w+)/g, "{$1}")}`,
    );
    const documented = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(documented.toSorted()).toEqual([...new Set(expected)].toSorted());
    expect(documented.length).toBeGreaterThanOrEqual(12);
  });

  test("has the parts of an OpenAPI 3.1 document", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: "0.0.0-test" });
    expect(document.servers).toEqual([{ url: BASE }]);
    for (const { path, operation } of operations()) {
      expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
      for (const [code, response] of Object.entries(operation.responses)) {
        expect(code).toMatch(/^([1-5]\d\d|default)$/);
        expect(response).toHaveProperty("description");
      }
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const inPath = (operation.parameters ?? []).filter((parameter: any) => parameter.in === "path");
      // biome-ignore lint/suspicious/noExplicitAny: as above
      expect(inPath.map((parameter: any) => parameter.name).toSorted()).toEqual(named.toSorted());
      for (const parameter of operation.parameters ?? []) {
        expect(parameter).toMatchObject({ name: expect.any(String), schema: expect.any(Object) });
        if (parameter.in === "path") expect(parameter.required).toBe(true);
      }
    }
  });

  test("defines every reference and security scheme that it uses", () => {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const child = (node: any, name: string) => node?.[name];
    const resolve = (pointer: string) => pointer.slice(2).split("/").reduce(child, document);
    for (const [, pointer = ""] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
      expect(pointer).toMatch(/^#\//);
      expect(resolve(pointer)).toBeDefined();
    }
    const schemes = new Set(Object.keys(document.components.securitySchemes));
    for (const { operation } of operations()) {
      for (const requirement of operation.security)
        for (const name of Object.keys(requirement)) expect(schemes).toContain(name);
    }
  });

  test("says which calls need no key", () => {
    const open = operations()
      .filter(({ operation }) => operation.security.length === 0)
      .map(({ method, path }) => `${method} ${path}`);
    expect(open.toSorted()).toEqual([
      "get /api/v1/docs",
      "get /api/v1/docs/{name}",
      "get /api/v1/files/{organization}/{id}/{name}",
      "get /api/v1/health",
      "get /api/v1/models",
      "get /api/v1/models/{id}",
      "get /api/v1/openapi.json",
      "post /api/v1/provider-webhooks/{provider}/{organization}/{id}",
    ]);
  });

  test("describes generating: a model, answered with 200 or 202", () => {
    const { requestBody, responses, parameters } = whole.paths["/api/v1/videos/generate"].post;
    const { schema } = requestBody.content["application/json"];
    expect(requestBody.required).toBe(true);
    expect(schema.required).toEqual(["model"]);
    expect(schema.properties.prompt).toMatchObject({ type: ["string", "null"], minLength: 1, maxLength: 10_000 });
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(["image_url", "duration_seconds", "params", "webhook_url", "callback_id", "metadata"]),
    );
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(["200", "202", "424", "default"]));
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const headers = parameters.filter((parameter: any) => parameter.in === "header").map((one: any) => one.name);
    expect(headers.map((name: string) => name.toLowerCase()).toSorted()).toEqual([
      "idempotency-key",
      "prefer",
      "x-fal-key",
      "x-replicate-key",
      "x-runway-key",
    ]);
  });
});

describe("GET /docs", () => {
  test("loads only files of this server, and has a policy that forbids others", async () => {
    const { headers, bytes } = await get("/docs");
    const html = bytes.toString();
    expect(headers.get("content-type")).toMatch(/^text\/html/);
    expect(html).not.toMatch(/(https?:)?\/\/[a-z]/i);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/default-src 'self'/);
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = ""]) => part);
    expect(parts.length).toBeGreaterThanOrEqual(4);
    for (const part of parts) {
      const answer = await get(new URL(part, `${BASE}/api/v1/docs`).href);
      expect([part, answer.status]).toEqual([part, 200]);
      expect(answer.bytes.length).toBeGreaterThan(50);
      expect(answer.headers.get("content-type")).toMatch(/^(text\/(css|javascript)|image\/png)/);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("loads the OpenAPI document from the same server", async () => {
    const { body } = await get("/docs/start.js");
    const [, url = ""] = /fetch\(["']([^"']+)["']\)/.exec(body) ?? [];
    expect((await get(new URL(url, `${BASE}/api/v1/docs`).href)).body.openapi).toBeDefined();
  });

  test.each(["package.json", "../package.json", "..%2fpackage.json", "index.html", "__proto__", "swagger-ui.css.map"])(
    "serves no other file: %s",
    async (name) => {
      expect((await get(`/docs/${name}`)).status).toBe(404);
    },
  );
});

test("GET /metrics: is Prometheus text, by route instead of path, and counts waiting jobs", async () => {
  const id = await api.submit();
  await get(`/requests/${id}`, {}, KEY);
  await get(`/no/such/${id}`);
  const { status, headers, body } = await get(`${BASE}/metrics`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toMatch(/^text\/plain/);
  expect(body).toMatch(
    /^visgate_http_request_seconds_count\{method="GET",route="\/requests\/\{id\}",status="200"\} 1$/m,
  );
  expect(body).toMatch(/^visgate_requests_in_flight [1-9]\d*$/m);
  expect(body).toMatch(/^visgate_queue_jobs\{queue="fal",state="waiting"\} [1-9]\d*$/m);
  expect(body).toMatch(/^visgate_queue_late_seconds\{queue="fal"\} [\d.]+$/m);
  expect(body).not.toContain(id);
});

test("GET /metrics: is a 404 when the metrics have their own port", async () => {
  const other = await startTestApi(server.url, { settings: { exposeMetrics: false } });
  expect((await other.call("GET", `${BASE}/metrics`)).status).toBe(404);
  await other.close();
});

describe("access log", () => {
  const SECRETS = [KEY, OTHER_KEY, "private-prompt-text", "fal-key-of-the-caller", "whsec_", "hook-token-in-url"];

  test("has one line per HTTP request, with the ids to find it by", async () => {
    const id = await api.submit(VEO, { "x-request-id": "find-me-1" });
    const line = await until("the line", () =>
      api
        .log()
        .split("\n")
        .find((one) => one.includes("find-me-1")),
    );
    expect(JSON.parse(line)).toMatchObject({
      msg: "http",
      service: "api",
      httpRequestId: "find-me-1",
      method: "POST",
      path: "/api/v1/videos/generate",
      status: 202,
      organization: "default",
      requestId: id,
    });
  });

  test("contains no key, prompt, image or signature, also after an internal error", async () => {
    const body = { ...VEO, webhook_url: "https://example.com/?t=hook-token-in-url" };
    const id = await api.submit(body, { "x-fal-key": "fal-key-of-the-caller" });
    await api.complete(id);
    const { output_url } = (await get(`/requests/${id}`, {}, KEY)).body;
    await get(output_url);
    await get("/webhooks/default/secret", {}, KEY);
    await api.generate({ ...body, model: "nope" }, ASYNC);
    const { keys } = api.deps.store;
    const kept = await api.redis.dumpBuffer(keys.openRequests("default"));
    await api.redis.set(keys.openRequests("default"), "of a wrong type");
    const broken = await api.generate(body, {
      ...ASYNC,
      "x-fal-key": "fal-key-of-the-caller",
      "x-request-id": "broken-1",
    });
    await api.redis.del(keys.openRequests("default"));
    if (kept !== null) await api.redis.restore(keys.openRequests("default"), 0, kept);
    expect([broken.status, broken.body.error]).toEqual([500, "INTERNAL_ERROR"]);
    expect(JSON.stringify(broken.body)).not.toMatch(/WRONGTYPE|redis|lua|at /i);

    const log = await until("the lines", () => api.log().match(/broken-1.*\n(.*\n)*.*broken-1/) && api.log());
    expect(log).toContain("WRONGTYPE");
    const signature = new URL(output_url).searchParams.get("signature") ?? "";
    for (const secret of [...SECRETS, signature]) expect(log).not.toContain(secret);
  });

  test("the version is that of the package", async () => {
    const { VERSION } = await import("@visgate/shared/runtime");
    const file = new URL("../../../packages/shared/package.json", import.meta.url);
    expect(VERSION).toBe(JSON.parse(readFileSync(file, "utf8")).version);
  });
});
