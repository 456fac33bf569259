/** Provider keys in Redis: those that organizations store, and those of open requests. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failure, NEVER_LATE, pendingRecord, processingRecord, T0 } from "../../../../tests/support/records.js";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import type { AuditEntry } from "../organization/audit.js";
import type { StoredProviderKey } from "../organization/provider-key.js";
import type { RequestRecord } from "../request/record.js";
import { changeSetting } from "./settings.js";
import { createStore, type Store } from "./store.js";

const server = useTestRedis();
let redis: Redis;
let store: Store;
let count = 0;
beforeAll(() => {
  redis = new Redis(server.url);
});
beforeEach(() => {
  store = createStore({ redis, prefix: `test-${++count}`, clock: createTestClock() });
});
afterAll(() => redis.disconnect());

const stored = (overrides: Partial<StoredProviderKey> = {}): StoredProviderKey => ({
  ...{ v: 1, provider: "fal", encrypted: "sealed", last4: "1234", createdAt: T0 },
  ...{ validated: true, validatedAt: T0 },
  ...overrides,
});
const FAL = { organization: "acme", id: "fal" };
const audit = (action: AuditEntry["action"]): AuditEntry => ({
  ...{ action, by: { kind: "api_key", id: "key_1" }, at: T0, target: "fal", details: {} },
});

describe("stored provider keys", () => {
  test("are one per provider and organization, each change with its audit entry", async () => {
    const set = (key: StoredProviderKey) => () => ({ after: key, audit: audit("provider_key.set") });
    await changeSetting(store.providerKeys, FAL, set(stored()));
    await changeSetting(store.providerKeys, FAL, set(stored({ encrypted: "another" })));
    await changeSetting(store.providerKeys, { ...FAL, id: "runway" }, set(stored({ provider: "runway" })));
    expect((await store.providerKeys.list("acme")).map(({ provider }) => provider).sort()).toEqual(["fal", "runway"]);
    expect(await store.providerKeys.get("acme", "fal")).toEqual(stored({ encrypted: "another" }));
    expect(await store.providerKeys.list("globex")).toEqual([]);
    await changeSetting(store.providerKeys, FAL, () => ({ after: null, audit: audit("provider_key.deleted") }));
    expect(await store.providerKeys.get("acme", "fal")).toBeNull();
    const log = await store.auditLog.read("acme", null, 10);
    expect(log.map(({ entry }) => entry.action)).toEqual([
      "provider_key.deleted",
      ...Array(3).fill("provider_key.set"),
    ]);
  });
});

describe("keys of open requests", () => {
  const accept = async (record: RequestRecord, encryptedProviderKey: string | null) => {
    await store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey });
    return record;
  };
  const pages = async (organization: string) => {
    const found = [];
    for await (const page of store.requestKeys.pages(organization)) found.push(page);
    return found;
  };
  const end = (record: RequestRecord) =>
    store.requests.applyTo(record, { name: "failed", at: T0, failure: failure(), billedMicro: null });

  test("pages: has those of every open request of the organization that has one, and no other", async () => {
    const open = await Promise.all(
      Array.from({ length: 450 }, (_, n) => accept(pendingRecord(), n % 2 === 0 ? `sealed ${n}` : null)),
    );
    await end(await accept(processingRecord(), "sealed and ended"));
    await accept(pendingRecord({ organization: "globex" }), "sealed elsewhere");
    const found = (await pages("acme")).flat();
    expect(found).toHaveLength(225);
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(open.filter((_, n) => n % 2 === 0).map(({ id }) => id)));
    expect((await pages("acme")).length).toBeGreaterThan(1);
  });

  test("replace: changes the key only, not the request", async () => {
    const record = await accept(pendingRecord(), "sealed");
    const before = await store.requests.get(record);
    expect(await store.requestKeys.replace({ ...record, encrypted: "sealed" }, "renewed")).toBe(true);
    expect(await store.requests.providerKey(record)).toBe("renewed");
    expect(await store.requests.get(record)).toEqual(before);
    expect(await store.requestKeys.replace({ ...record, encrypted: "sealed" }, "late")).toBe(false);
    expect(await store.requests.providerKey(record)).toBe("renewed");
  });

  test("replace: brings nothing back that the end of the request has erased", async () => {
    const record = await accept(processingRecord(), "sealed");
    const [[key] = []] = await pages("acme");
    await end(record);
    expect(key && (await store.requestKeys.replace(key, "renewed"))).toBe(false);
    expect(await store.requests.providerKey(record)).toBeNull();
    expect(await store.requestKeys.replace({ ...record, id: "unknown", encrypted: "sealed" }, "renewed")).toBe(false);
    expect(await redis.exists(store.keys.request("acme", "unknown"))).toBe(0);
  });
});
