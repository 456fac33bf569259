/** API keys of an organization, made by a caller with the scope manage. */
import { describe, expect, test } from "vitest";
import { ASYNC, KEY, OTHER_KEY, useTestApi, VEO } from "../../../tests/support/api.js";

const { api } = useTestApi();
const create = (body: object, key = KEY) => api.call("POST", "/api-keys", { body, key });
const list = async (key = KEY) => (await api.call("GET", "/api-keys", { key })).body;
const identity = (key: string) => api.call("GET", "/auth/me", { key });
const tomorrow = () => new Date(api.clock.now() + 86_400_000).toISOString();

describe("POST /api-keys", () => {
  test("shows the key once; the list shows its prefix and its last use, and Redis holds only its hash", async () => {
    const { status, body } = await create({ name: " ci " });
    expect(status).toBe(201);
    expect(body.key).toMatch(/^vg-[\w-]{43}$/);
    expect((await identity(body.key)).body).toMatchObject({ organization: { id: "default" }, key: { id: body.id } });
    const { key, ...view } = body;
    const [used] = (await list()).filter(({ id }: { id: string }) => id === body.id);
    expect(used).toEqual({ ...view, last_used_at: new Date(api.clock.now()).toISOString() });
    expect(view).toEqual({
      ...{ id: body.id, name: "ci", key_prefix: key.slice(0, 10), last_used_at: null },
      ...{ created_at: new Date(api.clock.now()).toISOString(), scopes: ["generate", "read", "manage"] },
      ...{ models: null, requests_per_minute: null, expires_at: null },
    });
    for (const name of await api.redis.keys("*")) {
      expect((await api.redis.dumpBuffer(name))?.includes(key)).toBe(false);
    }
    expect(api.log()).not.toContain(key);
  });

  test("gives no more than the calling key has itself", async () => {
    const limited = {
      ...{ name: "limited", scopes: ["manage", "read"], models: [VEO.model], expires_at: tomorrow() },
      requests_per_minute: 5,
    };
    const { body: parent } = await create(limited);
    const child = await create({ name: "child" }, parent.key);
    expect(child.body).toMatchObject({
      scopes: ["read", "manage"],
      models: [VEO.model],
      expires_at: parent.expires_at,
      requests_per_minute: 5,
    });
    const later = new Date(Date.parse(parent.expires_at) + 1000).toISOString();
    const excess = [
      ["scopes", { scopes: ["generate"] }],
      ["models", { models: ["fal-ai/flux/schnell"] }],
      ["expires_at", { expires_at: later }],
      ["requests_per_minute", { requests_per_minute: 6 }],
    ] as const;
    for (const [field, more] of excess) {
      const { status, body } = await create({ name: "child", ...more }, parent.key);
      expect([status, body.details.field]).toEqual([422, field]);
    }
  });

  test.each([
    ["name", {}],
    ["name", { name: "" }],
    ["name", { name: "  " }],
    ["name", { name: "x".repeat(300) }],
    ["name", { name: "two\nlines" }],
    ["scopes.0", { name: "x", scopes: ["admin"] }],
    ["scopes", { name: "x", scopes: [] }],
    ["models", { name: "x", models: ["no/such-model"] }],
    ["models", { name: "x", models: [] }],
    ["expires_at", { name: "x", expires_at: "2020-01-01T00:00:00Z" }],
    ["expires_at", { name: "x", expires_at: "soon" }],
    ["expires_at", { name: "x", expires_at: "9999-12-31T23:59:59-12:00" }],
    ["requests_per_minute", { name: "x", requests_per_minute: 0 }],
    ["scope", { name: "x", scope: "read" }],
  ])("bad %s: 422 that names it, and nothing is stored: %j", async (field, body) => {
    const before = await api.traces();
    const answer = await create(body);
    expect([answer.status, answer.body.details.field]).toEqual([422, field]);
    expect(await api.traces()).toEqual(before);
  });

  test("an empty list: the answer says how many entries it must have", async () => {
    const { message } = (await create({ name: "x", scopes: [] })).body;
    expect(message).toBe("scopes: must have at least 1 entry.");
  });
});

describe("a key with models", () => {
  test("generates with those, and gets 403 for others", async () => {
    const { body } = await create({ name: "veo only", models: [VEO.model] });
    const generate = (model: string) =>
      api.call("POST", "/videos/generate", { body: { ...VEO, model }, headers: ASYNC, key: body.key });
    expect((await generate(VEO.model)).status).toBe(202);
    const refused = await generate("replicate/google/veo-3");
    expect([refused.status, refused.body.error]).toEqual([403, "FORBIDDEN"]);
    expect(refused.body.details).toEqual({ field: "model", allowed: [VEO.model] });
  });
});

describe("DELETE /api-keys/{id}", () => {
  test("the key stops working within a second, and the audit log says who revoked it", async () => {
    const { body } = await create({ name: "short-lived" });
    expect((await identity(body.key)).status).toBe(200);
    expect(await api.call("DELETE", `/api-keys/${body.id}`)).toMatchObject({
      status: 200,
      body: { id: body.id, deleted: true },
    });
    api.clock.advance(1000);
    expect((await identity(body.key)).status).toBe(401);
    const { body: audit } = await api.call("GET", "/audit?limit=2");
    expect(audit.entries).toMatchObject([
      { action: "api_key.deleted", target: body.id, by: { kind: "api_key", id: "bootstrap" } },
      { action: "api_key.created", target: body.id, details: { name: "short-lived" } },
    ]);
    expect((await api.call("GET", "/audit", { key: OTHER_KEY })).body).toEqual({ entries: [], next_cursor: null });
  });

  test("the operator's own key cannot be deleted", async () => {
    expect((await api.call("DELETE", "/api-keys/bootstrap")).status).toBe(403);
    expect((await identity(KEY)).status).toBe(200);
  });
});

describe("GET /audit", () => {
  test("pages show every change once, newest first", async () => {
    for (let count = 0; count < 5; count += 1) await create({ name: `page ${count}` });
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { body } = await api.call("GET", `/audit?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      ids.push(...body.entries.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor;
    }
    const { body } = await api.call("GET", "/audit?limit=100");
    expect(ids).toEqual(body.entries.map(({ id }: { id: string }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(["0-0", "00-000", "1-0", "999999999999999-999999999999999"])("cursor=%s: a page", async (cursor) => {
    expect((await api.call("GET", `/audit?cursor=${cursor}`)).status).toBe(200);
  });

  test.each([...["limit=0", "limit=101", "cursor=x", "page=2", "cursor=99999999999999999999-1"]])(
    "%s: 422",
    async (query) => {
      expect((await api.call("GET", `/audit?${query}`)).status).toBe(422);
    },
  );
});
