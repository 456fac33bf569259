/** The provider keys that an organization stores, and which key a generation uses. */
import type { AccountResult } from "@visgate/providers";
import { beforeEach, describe, expect, test } from "vitest";
import { ASYNC, KEY, OTHER_KEY, ref, startTestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { apiKeyOf } from "../../../tests/support/records.js";

const STORED = "fal-key-of-the-organization-0123";
const SERVER = "the-server's-key";

let asked: string[];
let account: AccountResult;
const { api, server } = useTestApi({
  deps: {
    askAccount: async (provider, apiKey) => {
      asked.push(`${provider} ${apiKey}`);
      return account;
    },
  },
});
beforeEach(async () => {
  account = { kind: "valid", balance: null };
  const { keys } = api.deps.store;
  await api.redis.del(keys.providerKeys("default"), keys.providerKeys("globex"), keys.audit("default"));
  for (const organization of ["default", "globex"]) api.deps.storedKeys.forget(organization);
  asked = [];
});

const put = (body: object, key = KEY) => api.call("PUT", "/providers/keys", { body, key });
const store = (api_key = STORED, provider = "fal", key = KEY) => put({ provider, api_key }, key);
const list = async (key = KEY) => (await api.call("GET", "/providers/keys", { key })).body.keys;
const remove = (provider: string, key = KEY) => api.call("DELETE", `/providers/keys/${provider}`, { key });
const record = async (id: string, organization = "default") =>
  (await api.deps.store.requests.get(ref(id, organization)))?.doc;
const keyOf = async (id: string) => {
  const encrypted = await api.deps.store.requests.providerKey(ref(id));
  return encrypted === null ? null : api.deps.secrets.decrypt(encrypted, id);
};

describe("PUT /providers/keys", () => {
  test("stores a key that the provider accepts, and shows it masked", async () => {
    const now = new Date(api.clock.now()).toISOString();
    const shown = { provider: "fal", validated: true, validated_at: now, masked_key: "****0123", simulated: true };
    expect(await store()).toMatchObject({ status: 200, body: { keys: [shown] } });
    expect(asked).toEqual([`fal ${STORED}`]);
    expect(await list()).toEqual([shown]);
    expect(await list(OTHER_KEY)).toEqual([]);
  });

  test("stores a key that the provider cannot check now as not validated", async () => {
    account = { kind: "unavailable", cause: "timeout" };
    await store("r8_0123456789abcdef", "replicate");
    expect(await list()).toEqual([
      { provider: "replicate", validated: false, validated_at: null, masked_key: "****cdef", simulated: false },
    ]);
  });

  test("replaces the earlier key, and lists the keys by provider", async () => {
    await store("key_runway_0123456789", "runway");
    await store();
    const { body } = await store("another-key-of-the-organization");
    expect(body.keys.map((key: { provider: string; masked_key: string }) => [key.provider, key.masked_key])).toEqual([
      ["fal", "****tion"],
      ["runway", "****6789"],
    ]);
  });

  test("never shows more than a quarter of a short key", async () => {
    await store("abc");
    expect(await list()).toMatchObject([{ masked_key: "****" }]);
    await store("abcdefgh");
    expect(await list()).toMatchObject([{ masked_key: "****gh" }]);
  });

  test("a key that the provider refuses: 422 on api_key, and the earlier key stays", async () => {
    await store();
    const before = await api.traces();
    account = { kind: "refused" };
    const { status, body } = await store("wrong-key-0123456789");
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "api_key"]);
    expect(JSON.stringify(body)).not.toContain("wrong-key");
    expect(await api.traces()).toEqual(before);
  });

  test.each([
    { field: "provider", body: { provider: "no-such-provider", api_key: STORED } },
    // It takes no key of callers: its servers are the operator's.
    { field: "provider", body: { provider: "openai-videos", api_key: STORED } },
    { field: "provider", body: { provider: "__proto__", api_key: STORED } },
    { field: "provider", body: { api_key: STORED } },
    { field: "api_key", body: { provider: "fal" } },
    { field: "api_key", body: { provider: "fal", api_key: "" } },
    { field: "api_key", body: { provider: "fal", api_key: "line\nbreak" } },
    { field: "api_key", body: { provider: "fal", api_key: "ümlaut" } },
    { field: "api_key", body: { provider: "fal", api_key: "x".repeat(501) } },
    { field: "name", body: { provider: "fal", api_key: STORED, name: "x" } },
  ])("bad $field: 422 that names it, nothing is stored and no provider is asked: $body", async ({ field, body }) => {
    const before = await api.traces();
    const answer = await put(body);
    expect([answer.status, answer.body.details.field]).toEqual([422, field]);
    expect(JSON.stringify(answer.body)).not.toContain(STORED);
    expect([await api.traces(), asked]).toEqual([before, []]);
  });

  test("the key is nowhere in clear, and its text cannot be moved to another organization or provider", async () => {
    await store();
    await store(STORED, "replicate");
    for (const name of await api.redis.keys("*"))
      expect((await api.redis.dumpBuffer(name))?.includes(STORED)).toBe(false);
    expect(api.log()).not.toContain(STORED);
    const { keys } = api.deps.store;
    const fal = JSON.parse((await api.redis.hget(keys.providerKeys("default"), "fal")) ?? "");
    for (const [organization, provider] of [
      ["globex", "fal"],
      ["default", "replicate"],
    ] as const) {
      await api.redis.hset(keys.providerKeys(organization), provider, JSON.stringify({ ...fal, provider }));
      api.deps.storedKeys.forget(organization);
      const key = organization === "default" ? KEY : OTHER_KEY;
      const body = { ...VEO, model: provider === "fal" ? VEO.model : "replicate/google/veo-3" };
      const answer = await api.call("POST", "/videos/generate", { body, headers: ASYNC, key });
      expect([answer.status, answer.body.error]).toEqual([400, "PROVIDER_NOT_CONFIGURED"]);
    }
  });
});

describe("DELETE /providers/keys/{provider}", () => {
  test("removes the key, and the audit log says who set and who removed it", async () => {
    await store();
    await store("key_runway_0123456789", "runway");
    const { status, body } = await remove("fal");
    expect([status, body.keys]).toEqual([200, [expect.objectContaining({ provider: "runway" })]]);
    const { body: audit } = await api.call("GET", "/audit?limit=3");
    const by = { kind: "api_key", id: "bootstrap" };
    expect(audit.entries).toMatchObject([
      { action: "provider_key.deleted", target: "fal", by },
      { action: "provider_key.set", target: "runway", by, details: { validated: true } },
      { action: "provider_key.set", target: "fal", by },
    ]);
  });

  test.each(["fal", "no-such-provider", "openai-videos", "__proto__", "*", "%00"])(
    "%s, which is not stored: the same 404, and nothing changes",
    async (provider) => {
      await store(STORED, "fal", OTHER_KEY);
      const before = await api.traces();
      const { status, body } = await remove(provider);
      expect([status, body]).toEqual([
        404,
        { error: "NOT_FOUND", message: "Your organization has no key stored for this provider.", details: {} },
      ]);
      expect(await api.traces()).toEqual(before);
      expect(await list(OTHER_KEY)).toHaveLength(1);
    },
  );
});

test("the scope read lists keys, and only manage changes or tries them", async () => {
  await store();
  const reader = "vg-key-that-only-reads-0123456789";
  await api.deps.store.apiKeys.save(
    apiKeyOf({ id: "reader", organization: "default", scopes: ["read"] }, reader),
    null,
  );
  const body = { provider: "fal", api_key: STORED };
  expect(await list(reader)).toHaveLength(1);
  const refused = [
    await put(body, reader),
    await remove("fal", reader),
    await api.call("POST", "/providers/validate", { body, key: reader }),
  ];
  for (const answer of refused) expect([answer.status, answer.body.details]).toEqual([403, { scope: "manage" }]);
  expect(await list(reader)).toHaveLength(1);
});

describe("a generation", () => {
  test("uses the organization's key before the server's, mode byok, and keeps its own encrypted copy", async () => {
    await store();
    const id = await api.submit();
    expect(await record(id)).toMatchObject({ mode: "byok", account: "organization" });
    expect(await keyOf(id)).toBe(STORED);
    await remove("fal");
    expect(await keyOf(id)).toBe(STORED);
    const next = await api.submit();
    expect(await record(next)).toMatchObject({ mode: "managed", account: "server" });
    expect(await keyOf(next)).toBeNull();
  });

  test("uses the caller's key of this call before the organization's", async () => {
    await store();
    const id = await api.submit(VEO, { "x-fal-key": "key-of-this-call" });
    expect(await record(id)).toMatchObject({ mode: "byok", account: "caller" });
    expect(await keyOf(id)).toBe("key-of-this-call");
    const withEmpty = await api.submit(VEO, { "x-fal-key": "" });
    expect(await keyOf(withEmpty)).toBe(STORED);
  });

  test("of another organization never uses it", async () => {
    await store();
    const answer = await api.call("POST", "/videos/generate", { body: VEO, headers: ASYNC, key: OTHER_KEY });
    expect(await record(answer.body.request_id, "globex")).toMatchObject({ mode: "managed", account: "server" });
  });

  test("works with a stored key where the server has none", async () => {
    const body = { ...VEO, model: "runway/gen4.5", prompt: "a bird" };
    const before = await api.generate(body, ASYNC);
    expect([before.status, before.body.error]).toEqual([400, "PROVIDER_NOT_CONFIGURED"]);
    await store("key_runway_0123456789", "runway");
    expect((await api.generate(body, ASYNC)).status).toBe(202);
  });

  test("is another call for each key, and the same one for the same key, stored or sent", async () => {
    const hashOf = async (headers = {}) => (await record(await api.submit(VEO, headers)))?.call.hash;
    const ofServer = await hashOf();
    await store();
    const ofStored = await hashOf();
    expect(await hashOf({ "x-fal-key": STORED })).toBe(ofStored);
    expect(new Set([ofServer, ofStored, await hashOf({ "x-fal-key": "another" })]).size).toBe(3);
  });

  test("with a stored key that cannot be read: 400, and no other account pays", async () => {
    const sealed = JSON.stringify({ v: 1, provider: "fal", encrypted: "AAAA", last4: "0123", validated: true });
    await api.redis.hset(api.deps.store.keys.providerKeys("default"), "fal", sealed);
    const before = await api.traces();
    const { status, body } = await api.generate(VEO, ASYNC);
    expect([status, body.error, body.details]).toEqual([400, "PROVIDER_NOT_CONFIGURED", { provider: "fal" }]);
    expect(body.message).toMatch(/store it again/);
    expect(await api.traces()).toEqual(before);
    const [fal] = (await api.call("GET", "/providers/balances")).body.balances;
    expect(fal).toMatchObject({ configured: true, available: false, message: expect.stringMatching(/cannot be read/) });
  });

  test("asks Redis for stored keys at most once in 0.8 s, and sees a change of another process within 1 s", async () => {
    let reads = 0;
    const counting: typeof api.deps.store.providerKeys.list = (organization) => {
      reads += 1;
      return api.deps.store.providerKeys.list(organization);
    };
    const { createStoredKeys } = await import("./stored-keys.js");
    const other = await startTestApi(server.url, {
      deps: { storedKeys: createStoredKeys({ list: counting }, api.clock), askAccount: api.deps.askAccount },
    });
    await Promise.all(Array.from({ length: 20 }, () => other.submit()));
    expect(reads).toBe(1);
    await store();
    api.clock.advance(1000);
    expect(await record(await other.submit())).toMatchObject({ account: "organization" });
    expect(reads).toBe(2);
    await other.close();
  });
});

test("balances: asks with the call's key, else the stored one, else the server's, and says what is simulated", async () => {
  await store();
  await store("key_runway_0123456789", "runway");
  asked = [];
  const { body } = await api.call("GET", "/providers/balances", { headers: { "x-runway-key": "key_of_this_call" } });
  expect(asked.toSorted()).toEqual([`fal ${STORED}`, `replicate ${SERVER}`, "runway key_of_this_call"]);
  const simulated = body.balances.map((one: { provider: string; simulated: boolean }) => [one.provider, one.simulated]);
  expect(Object.fromEntries(simulated)).toEqual({
    ...{ fal: true, "openai-videos": false, replicate: false, runway: false },
  });
});
