import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { webhookEndpoint, webhookEndpointWithSecret } from "../../../packages/shared/src/contract/webhook-endpoint.js";
import { OTHER_KEY, startTestApi, type TestApi } from "../../../tests/support/api.js";
import { startTestRedis, type TestRedis } from "../../../tests/support/redis.js";

let server: TestRedis;
let api: TestApi;
beforeAll(async () => {
  server = await startTestRedis();
});
beforeEach(async () => {
  api = await startTestApi(server.url);
  await api.redis.del(keys().endpoints("default"), keys().subscriptions("default"));
});
afterEach(() => api.close());
afterAll(() => server.stop());

const keys = () => api.deps.store.keys;
const URL_GIVEN = "https://hooks.example.com/visgate";
const create = (body: object = { url: URL_GIVEN }, key?: string) =>
  api.call("POST", "/webhook-endpoints", { body, ...(key === undefined ? {} : { key }) });
const created = async (body?: object) => (await create(body)).body;
const change = (id: string, body: object) => api.call("PATCH", `/webhook-endpoints/${id}`, { body });
const list = async () => (await api.call("GET", "/webhook-endpoints")).body.endpoints;
const subscriptions = () => api.redis.hgetall(keys().subscriptions("default"));

describe("registering an endpoint", () => {
  test("answers with the secret, which no other answer shows", async () => {
    const answer = await create({ url: URL_GIVEN, description: "orders" });
    expect(answer.status).toBe(201);
    const { secret, ...endpoint } = webhookEndpointWithSecret.parse(answer.body);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(endpoint).toMatchObject({
      ...{ url: URL_GIVEN, description: "orders", enabled: true, disabled_reason: null, failing_since: null },
      events: ["request.completed", "request.failed"],
    });
    expect(await list()).toEqual([endpoint]);
    expect((await api.call("GET", `/webhook-endpoints/${endpoint.id}`)).body).toEqual(endpoint);
    const bare = secret.slice("whsec_".length);
    expect(JSON.stringify(await api.redis.hgetall(keys().endpoints("default")))).not.toContain(bare);
    expect(api.log()).not.toContain(bare);
  });

  test("stores its URL in the form that was checked, never in the caller's", async () => {
    const { id, url } = await created({ url: "https:\\\\HOOKS.example.com\\@example.org" });
    expect(url).toBe("https://hooks.example.com/@example.org");
    const changed = await change(id, { url: "https://hooks.example.com:443/a/../b" });
    expect(changed.body.url).toBe("https://hooks.example.com/b");
  });

  test("subscribes it to each of its event types once, and to none while it is disabled", async () => {
    const one = await created({ url: URL_GIVEN, events: ["request.failed", "request.progress", "request.failed"] });
    await created({ url: URL_GIVEN, enabled: false });
    expect(await subscriptions()).toEqual({ [one.id]: "request.failed,request.progress" });
  });

  test.each([
    { what: "no url", body: {}, field: "url" },
    { what: "an http url", body: { url: "http://hooks.example.com/" }, field: "url" },
    { what: "a private url", body: { url: "https://127.0.0.1/" }, field: "url" },
    { what: "a metadata url", body: { url: "https://169.254.169.254/latest" }, field: "url" },
    { what: "an invalid url", body: { url: "nonsense" }, field: "url" },
    { what: "an unknown event type", body: { url: URL_GIVEN, events: ["request.done"] }, field: "events.0" },
    { what: "no events", body: { url: URL_GIVEN, events: [] }, field: "events" },
    { what: "an unknown key", body: { url: URL_GIVEN, secret: "mine" }, field: "secret" },
    { what: "a long description", body: { url: URL_GIVEN, description: "x".repeat(256) }, field: "description" },
    { what: "enabled as text", body: { url: URL_GIVEN, enabled: "yes" }, field: "enabled" },
  ])("with $what is a 422 that names $field, and registers nothing", async ({ body, field }) => {
    const answer = await create(body);
    expect([answer.status, answer.body.error, answer.body.details.field]).toEqual([422, "VALIDATION_ERROR", field]);
    expect(await list()).toEqual([]);
  });

  test("names the event types when one is unknown", async () => {
    const { body } = await create({ url: URL_GIVEN, events: ["request.done"] });
    expect(body.details.allowed).toEqual([
      ...["request.processing", "request.progress", "request.completed", "request.failed", "budget.threshold"],
      ...["alert.opened", "alert.closed"],
    ]);
  });

  test("allows at most twenty, also when all come at the same time", async () => {
    const answers = await Promise.all(Array.from({ length: 25 }, () => create()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.find(({ status }) => status === 422)?.body.message).toContain("20");
    expect(await list()).toHaveLength(20);
  });
});

describe("changing an endpoint", () => {
  test("changes the given fields and keeps the others", async () => {
    const one = await created({ url: URL_GIVEN, description: "orders" });
    const answer = await change(one.id, { events: ["request.processing"], url: "https://other.example.com/" });
    expect(answer.status).toBe(200);
    expect(webhookEndpoint.parse(answer.body)).toMatchObject({
      ...{ url: "https://other.example.com/", events: ["request.processing"], description: "orders", enabled: true },
    });
    expect((await change(one.id, { description: null })).body.description).toBeNull();
    expect(await subscriptions()).toEqual({ [one.id]: "request.processing" });
  });

  test("unsubscribes a disabled endpoint; enabling subscribes it again and clears its failures", async () => {
    const one = await created();
    await api.deps.store.endpoints.update("default", one.id, (endpoint) => ({ ...endpoint, failingSince: 1 }));
    expect((await change(one.id, { enabled: false })).body).toMatchObject({
      ...{ enabled: false, disabled_reason: "by_caller" },
    });
    expect(await subscriptions()).toEqual({});
    expect((await change(one.id, { enabled: true })).body).toMatchObject({
      ...{ enabled: true, disabled_reason: null, failing_since: null },
    });
    expect(Object.keys(await subscriptions())).toEqual([one.id]);
  });

  test("clears its failures for a new url, but does not enable it", async () => {
    const one = await created();
    const failing = { failingSince: 1, disabledReason: "failing" } as const;
    await api.deps.store.endpoints.update("default", one.id, (endpoint) => ({ ...endpoint, ...failing }));
    expect((await change(one.id, { url: URL_GIVEN, description: "same" })).body.failing_since).not.toBeNull();
    expect((await change(one.id, { url: "https://other.example.com/" })).body).toMatchObject({
      ...{ failing_since: null, disabled_reason: "failing", enabled: false },
    });
    expect((await change(one.id, { enabled: false })).body.disabled_reason).toBe("failing");
    expect(await subscriptions()).toEqual({});
  });

  test("keeps both of two changes at the same time", async () => {
    const one = await created();
    await Promise.all([
      ...Array.from({ length: 10 }, () => change(one.id, { description: "new" })),
      ...Array.from({ length: 10 }, () => change(one.id, { events: ["request.failed"] })),
    ]);
    expect((await list())[0]).toMatchObject({ description: "new", events: ["request.failed"] });
  });

  test.each([
    { what: "nothing", body: {}, field: "body" },
    { what: "a private url", body: { url: "https://10.0.0.1/" }, field: "url" },
    { what: "an unknown event type", body: { events: ["x"] }, field: "events.0" },
    { what: "the id", body: { id: "we_2" }, field: "id" },
  ])("to $what is a 422 and changes nothing", async ({ body, field }) => {
    const { secret: _secret, ...one } = await created();
    const answer = await change(one.id, body);
    expect([answer.status, answer.body.details.field]).toEqual([422, field]);
    expect(await list()).toEqual([one]);
  });

  test("is a 404 after the endpoint was removed", async () => {
    const one = await created();
    expect((await api.call("DELETE", `/webhook-endpoints/${one.id}`)).body).toEqual({ id: one.id, deleted: true });
    expect([await list(), await subscriptions()]).toEqual([[], {}]);
    expect((await api.call("DELETE", `/webhook-endpoints/${one.id}`)).status).toBe(404);
  });
});

describe("rotating an endpoint's secret", () => {
  const rotate = (id: string, body?: object) =>
    api.call("POST", `/webhook-endpoints/${id}/rotate-secret`, body === undefined ? {} : { body });

  test("shows the new secret, and keeps the old one for a day by default", async () => {
    const one = await created();
    const rotated = await rotate(one.id);
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).not.toBe(one.secret);
    expect(rotated.body.secret_rotates_until).toBe(new Date(api.clock.now() + 86_400_000).toISOString());
    const kept = await api.deps.store.endpoints.get("default", one.id);
    const reveal = (text = "") => api.deps.secrets.decrypt(text, one.id);
    expect(reveal(kept?.secret)).toBe(rotated.body.secret);
    expect(reveal(kept?.previousSecret?.secret)).toBe(one.secret);
    api.clock.advance(86_400_000);
    expect((await list())[0].secret_rotates_until).toBeNull();
  });

  test("drops the old secret at once without an overlap, and keeps only the last old one", async () => {
    const one = await created();
    expect((await rotate(one.id, { overlap_seconds: 0 })).body.secret_rotates_until).toBeNull();
    const second = await rotate(one.id, { overlap_seconds: 60 });
    await rotate(one.id, { overlap_seconds: 60 });
    const kept = await api.deps.store.endpoints.get("default", one.id);
    expect(api.deps.secrets.decrypt(kept?.previousSecret?.secret ?? "", one.id)).toBe(second.body.secret);
  });

  test.each([-1, 1.5, 604_801, "60"])(
    "answers overlap_seconds %j with a 422, and keeps the secret",
    async (overlap) => {
      const one = await created();
      const answer = await rotate(one.id, { overlap_seconds: overlap });
      expect([answer.status, answer.body.details.field]).toEqual([422, "overlap_seconds"]);
      const kept = await api.deps.store.endpoints.get("default", one.id);
      expect(api.deps.secrets.decrypt(kept?.secret ?? "", one.id)).toBe(one.secret);
    },
  );
});

describe("a bad body", () => {
  const bodies = [
    { what: "not JSON", body: "{", status: 400, error: "BAD_REQUEST" },
    { what: "not UTF-8", body: Buffer.from([0x22, 0xff, 0x22]), status: 400, error: "BAD_REQUEST" },
    { what: "a list", body: [], status: 422, error: "VALIDATION_ERROR" },
    { what: "null", body: "null", status: 422, error: "VALIDATION_ERROR" },
    { what: "__proto__", body: '{"__proto__":{"enabled":false}}', status: 422, error: "VALIDATION_ERROR" },
    { what: "too large", body: { description: "x".repeat(70_000) }, status: 413, error: "PAYLOAD_TOO_LARGE" },
    { what: "not of a JSON type", body: "{}", type: "text/plain", status: 415, error: "UNSUPPORTED_MEDIA_TYPE" },
  ];
  test.each(bodies)("that is $what is a $status for every call with a body, and changes nothing", async (bad) => {
    const { body, type = "application/json", status, error } = bad;
    const one = await created();
    const before = await api.traces();
    const path = `/webhook-endpoints/${one.id}`;
    const calls = [
      ["POST", "/webhook-endpoints"],
      ["PATCH", path],
      ["POST", `${path}/rotate-secret`],
      ["POST", `${path}/redeliver`],
      ["POST", "/deliveries/redeliver"],
    ] as const;
    for (const [method, where] of calls) {
      const answer = await api.call(method, where, { body, headers: { "content-type": type } });
      expect([method, where, answer.status, answer.body.error]).toEqual([method, where, status, error]);
      expect((await api.call(method, where, { body, key: null })).status).toBe(401);
    }
    expect(await api.traces()).toEqual(before);
  });

  test("that is empty is accepted when a secret is rotated", async () => {
    const one = await created();
    const headers = { "content-type": "application/json" };
    expect((await api.call("POST", `/webhook-endpoints/${one.id}/rotate-secret`, { headers })).status).toBe(200);
  });
});

test("another organization's endpoint is a 404 for every call, and does not change", async () => {
  const { secret: _secret, ...one } = await created();
  const path = `/webhook-endpoints/${one.id}`;
  const since = { since: "2026-01-01T00:00:00Z" };
  const answers = await Promise.all([
    api.call("GET", path, { key: OTHER_KEY }),
    api.call("PATCH", path, { key: OTHER_KEY, body: { enabled: false } }),
    api.call("DELETE", path, { key: OTHER_KEY }),
    api.call("POST", `${path}/rotate-secret`, { key: OTHER_KEY }),
    api.call("POST", `${path}/redeliver`, { key: OTHER_KEY, body: since }),
  ]);
  expect(answers.map(({ status, body }) => [status, body.error])).toEqual(answers.map(() => [404, "NOT_FOUND"]));
  expect((await api.call("GET", "/webhook-endpoints", { key: OTHER_KEY })).body.endpoints).toEqual([]);
  expect(await list()).toEqual([one]);
});
