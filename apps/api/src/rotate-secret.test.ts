/** The rotation of VISGATE_SECRET: what is stored encrypted is encrypted with the first secret. */
import { randomBytes } from "node:crypto";
import { createSecrets, newWebhookSecret, type Secrets } from "@visgate/shared/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ADMIN_KEY, ref, startTestApi, type TestApi, VEO } from "../../../tests/support/api.js";
import { useTestRedis } from "../../../tests/support/redis.js";
import type { Deps } from "./deps.js";

const [OLD, NEW] = ["the secret until now, of a test", "the next secret, of the same test"];
const STORED = "fal-key-of-the-organization-0123";
const OWN = "fal-key-of-one-call-0123456789";
const server = useTestRedis();
/** The same gateway before, during and after the rotation. */
let old: TestApi;
let both: TestApi;
let after: TestApi;
const opened: TestApi[] = [];
beforeAll(async () => {
  const askAccount = async () => ({ kind: "valid", balance: null }) as const;
  const open = async (secrets: Secrets, shared: Partial<Deps> = {}) => {
    const api = await startTestApi(server.url, { deps: { secrets, askAccount, ...shared } });
    opened.push(api);
    return api;
  };
  old = await open(createSecrets(OLD));
  const { outputs } = old.deps;
  [both, after] = [await open(createSecrets(NEW, OLD), { outputs }), await open(createSecrets(NEW), { outputs })];
});
afterAll(async () => {
  for (const api of opened) await api.close();
});
beforeEach(async () => {
  const { keys } = old.deps.store;
  await old.redis.del(keys.providerKeys("default"), keys.endpoints("default"), keys.openRequests("default"));
  for (const { deps } of opened) deps.storedKeys.forget("default");
});

const NONE = { changed: 0, unchanged: 0, unreadable: 0 };
const rotate = (api = both) =>
  api.call("POST", "/admin/rotate-secret", { key: null, headers: { "x-visgate-admin-key": ADMIN_KEY } });
const store = (api: TestApi) => api.call("PUT", "/providers/keys", { body: { provider: "fal", api_key: STORED } });
const createEndpoint = async (api: TestApi) =>
  (await api.call("POST", "/webhook-endpoints", { body: { url: "https://example.com/hook" } })).body;
const endpoint = (id: string) => old.deps.store.endpoints.get("default", id);
const keyOf = async (id: string, { secrets }: Pick<TestApi["deps"], "secrets">) =>
  secrets.decrypt((await old.deps.store.requests.providerKey(ref(id))) ?? "", id);

test("re-encrypts stored keys, endpoint secrets and the keys of open requests; then the old secret is not needed", async () => {
  await store(old);
  const { id, secret } = await createEndpoint(old);
  const { body: rotated } = await old.call("POST", `/webhook-endpoints/${id}/rotate-secret`, { body: {} });
  const request = await old.submit(VEO, { "x-fal-key": OWN });
  const { body } = await rotate();
  expect(body).toEqual({
    provider_keys: { ...NONE, changed: 1 },
    webhook_secrets: { ...NONE, changed: 2 },
    request_keys: { ...NONE, changed: 1 },
  });
  expect(await keyOf(request, after.deps)).toBe(OWN);
  expect(await keyOf(await after.submit(), after.deps)).toBe(STORED);
  const kept = await endpoint(id);
  expect(after.deps.secrets.decrypt(kept?.secret ?? "", id)).toBe(rotated.secret);
  expect(after.deps.secrets.decrypt(kept?.previousSecret?.secret ?? "", id)).toBe(secret);
});

test("repeated: changes nothing, not even in Redis", async () => {
  await store(old);
  await createEndpoint(old);
  await old.submit(VEO, { "x-fal-key": OWN });
  await rotate();
  const before = await both.traces();
  expect((await rotate()).body).toEqual({
    provider_keys: { ...NONE, unchanged: 1 },
    webhook_secrets: { ...NONE, unchanged: 1 },
    request_keys: { ...NONE, unchanged: 1 },
  });
  expect(await both.traces()).toEqual(before);
});

test("leaves what it cannot decrypt as it is, and counts it", async () => {
  await store(old);
  const { id } = await createEndpoint(old);
  await old.submit(VEO, { "x-fal-key": OWN });
  const before = await after.traces();
  const unreadable = { ...NONE, unreadable: 1 };
  expect((await rotate(after)).body).toEqual({
    ...{ provider_keys: unreadable, webhook_secrets: unreadable, request_keys: unreadable },
  });
  expect(await after.traces()).toEqual(before);
  expect(old.deps.secrets.decrypt((await endpoint(id))?.secret ?? "", id)).toMatch(/^whsec_/);
});

test("of an endpoint with one secret that cannot be read, renews the other", async () => {
  const { id } = await createEndpoint(old);
  const previousSecret = { secret: "not encrypted with any", until: old.clock.now() + 60_000 };
  await old.deps.store.endpoints.update("default", id, (one) => ({ ...one, previousSecret }));
  expect((await rotate()).body.webhook_secrets).toEqual({ changed: 1, unchanged: 0, unreadable: 1 });
  expect(await endpoint(id)).toMatchObject({ previousSecret });
  old.clock.advance(120_000);
  both.clock.advance(120_000);
  // It signs nothing any more.
  expect((await rotate()).body.webhook_secrets).toEqual({ changed: 0, unchanged: 1, unreadable: 0 });
});

test("the audit log names each setting that was encrypted again, without a secret", async () => {
  await old.redis.del(old.deps.store.keys.audit("default"));
  await store(old);
  const { id } = await createEndpoint(old);
  await rotate();
  await rotate();
  const { body } = await both.call("GET", "/audit");
  expect(body.entries.slice(0, -2)).toMatchObject([
    { action: "secret.rotated", target: id, by: { kind: "admin" }, details: { what: "webhook_endpoint" } },
    { action: "secret.rotated", target: "fal", by: { kind: "admin" }, details: { what: "provider_key" } },
  ]);
  for (const secret of [OLD, NEW, STORED]) expect(JSON.stringify(body) + both.log()).not.toContain(secret);
});

describe("while it runs beside other changes", () => {
  test("keys, endpoints and requests that change at the same time keep their last state", async () => {
    const requests = await Promise.all(Array.from({ length: 30 }, () => old.submit(VEO, { "x-fal-key": OWN })));
    const ended = requests.filter((_, n) => n % 2 === 0);
    await store(old);
    const { id } = await createEndpoint(old);
    const secrets: string[] = [];
    const rotateEndpoint = async () => {
      const text = newWebhookSecret(randomBytes);
      secrets.push(text);
      const secret = old.deps.secrets.encrypt(text, id);
      await old.deps.store.endpoints.update("default", id, (one) => ({ ...one, secret, description: text }));
    };
    await Promise.all([
      rotate(),
      rotate(),
      ...ended.map((one) => old.fail(one)),
      ...Array.from({ length: 5 }, rotateEndpoint),
      old.call("DELETE", "/providers/keys/fal"),
    ]);
    for (const one of ended) expect(await old.deps.store.requests.providerKey(ref(one))).toBeNull();
    expect(await old.deps.store.providerKeys.list("default")).toEqual([]);
    await rotate();
    for (const one of requests.filter((name) => !ended.includes(name))) expect(await keyOf(one, after.deps)).toBe(OWN);
    const kept = await endpoint(id);
    expect(after.deps.secrets.decrypt(kept?.secret ?? "", id)).toBe(kept?.description);
    expect(secrets).toContain(kept?.description);
  });
});

describe("signed URLs and the webhook secret, with two secrets", () => {
  test("a URL from before still opens its file; new ones are signed with the first secret", async () => {
    const id = await old.submit();
    await old.complete(id);
    const urlBy = async (api: TestApi) => (await api.call("GET", `/requests/${id}`)).body.output_url;
    const statusOf = async (api: TestApi) => (await api.call("GET", await urlBy(old))).status;
    expect(await urlBy(both)).not.toBe(await urlBy(old));
    expect(await urlBy(both)).toBe(await urlBy(after));
    expect([await statusOf(both), await statusOf(after)]).toEqual([200, 401]);
  });

  test("GET /webhooks/default/secret shows that of the first", async () => {
    const secretOf = async (api: TestApi) => (await api.call("GET", "/webhooks/default/secret")).body.key;
    expect(await secretOf(both)).toBe(await secretOf(after));
    expect(await secretOf(both)).not.toBe(await secretOf(old));
  });
});
