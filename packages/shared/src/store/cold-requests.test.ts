import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NEVER_LATE, pendingRecord, submitIntended, T0 } from "../../../../tests/support/records.js";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import type { Output, RequestRecord, Transition } from "../request/index.js";
import { fromColdForm, toColdForm } from "./cold-form.js";
import { createStore, type Store } from "./store.js";

const server = useTestRedis();
let redis: Redis;
let store: Store;
beforeEach(async () => {
  redis = new Redis(server.url);
  await redis.flushall();
  store = createStore({ redis, clock: createTestClock() });
  await store.organizations.ensure("acme", 0);
});
afterEach(() => redis.disconnect());

const ID = "018f0000-0000-7000-8000-000000000001";
const REF = { organization: "acme", id: ID };
const ALWAYS = Number.MAX_SAFE_INTEGER;
const OUTPUT: Output = { kind: "stored", key: "acme/out/x/0.mp4", contentType: "video/mp4", bytes: 3, sha256: "abc" };
const COMPLETED: Transition[] = [
  submitIntended({ at: T0 }),
  { name: "submit_accepted", at: T0 + 1, attempt: 1, providerRequestId: "job-1" },
  { name: "observed", progress: 0.5, queuePosition: null },
  { name: "rendered", at: T0 + 2, outputs: [], withheld: 0, costMicro: 1_600_000, costSource: "catalogue" },
  { name: "completed", at: T0 + 3, outputs: [OUTPUT] },
];
const UNKNOWN: Transition[] = [
  submitIntended({ at: T0 }),
  { name: "submit_lost", at: T0 + 1, attempt: 1, until: T0 + 2, submitEnded: true },
  {
    ...{ name: "failed", at: T0 + 3, billedMicro: null },
    failure: { code: "SUBMIT_UNKNOWN", message: "lost", retryable: false, charged: null },
  },
];

async function ended(transitions: Transition[], fields: Partial<RequestRecord> = {}) {
  const record = pendingRecord({ id: ID, prompt: undefined, ...fields } as Partial<RequestRecord>);
  await store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
  for (const transition of transitions) await store.requests.applyTo(record, transition);
}

/** Everything that can be read of the request. */
async function seen() {
  const history = await store.timeline.history(REF);
  const numbers = Array.from({ length: (history?.changes.length ?? 0) + 1 }, (_, at) => at + 1);
  return {
    request: await store.requests.get(REF),
    history,
    later: (await store.timeline.history(REF, 2))?.changes,
    single: await Promise.all(numbers.map((number) => store.timeline.change(REF, number))),
    changes: await store.timeline.changes(REF, 1),
    listed: await store.listing.newest("acme", 0, 10),
    revision: await store.requests.revision(REF),
  };
}

const memoryOf = async (...keys: string[]) => {
  const bytes = await Promise.all(keys.map((key) => redis.call("MEMORY", "USAGE", key)));
  return bytes.reduce<number>((sum, one) => sum + Number(one ?? 0), 0);
};

test("a request in its cold form reads the same, and takes less than half of the memory", async () => {
  await ended(COMPLETED);
  const keys = [store.keys.request("acme", ID), store.keys.timeline("acme", ID)];
  const [warm, warmBytes] = [await seen(), await memoryOf(...keys)];
  expect(warm.history?.changes.map(({ name }) => name)).toEqual(["submitted", "progress", "rendered", "completed"]);
  expect(await store.coldRequests.freezeEnded("acme", ALWAYS, 10)).toBe(1);
  expect(await redis.hexists(store.keys.request("acme", ID), "doc")).toBe(0);
  expect(await seen()).toEqual(warm);
  expect(await memoryOf(...keys)).toBeLessThan(warmBytes / 2);
  expect(await store.coldRequests.freezeEnded("acme", ALWAYS, 10)).toBe(0);
});

test("a change after it: the time line goes on, and the next cold form has all of it", async () => {
  await ended(UNKNOWN);
  await store.coldRequests.freezeEnded("acme", ALWAYS, 10);
  const before = await store.timeline.changes(REF);
  const applied = await store.requests.applyTo(REF, { name: "settled", costMicro: 1_000_000 });
  expect(applied).toMatchObject({ kind: "applied", current: { doc: { costMicro: 1_000_000 } } });
  const warm = await seen();
  expect(warm.request?.doc.costMicro).toBe(1_000_000);
  expect(warm.history?.changes.slice(0, -1)).toEqual(before);
  expect(warm.single.map((change) => change?.name)).toEqual([...before.map(({ name }) => name), "settled", undefined]);
  expect(await store.coldRequests.freezeEnded("acme", ALWAYS, 10)).toBe(1);
  expect(await seen()).toEqual(warm);
});

test("an event of a change after it has the number of that change", async () => {
  await ended(UNKNOWN, { webhookUrl: "https://example.com/hook" });
  await store.coldRequests.freezeEnded("acme", ALWAYS, 10);
  await store.requests.applyTo(REF, { name: "settled", costMicro: 1 });
  const deliveries = await store.deliveries.ofRequest(REF);
  for (const { doc } of deliveries) {
    const change = await store.timeline.change(REF, doc.change);
    expect(change).not.toBeNull();
  }
  const names = (await store.timeline.changes(REF)).map(({ name }) => name);
  expect(names.at(-1)).toBe("settled");
});

test("a request that is changed while its cold form is made stays as it is", async () => {
  await ended(UNKNOWN);
  const { freezeEnded } = store.coldRequests;
  const original = redis.multi.bind(redis);
  let isFirst = true;
  redis.multi = ((...args: []) => {
    const transaction = original(...args);
    if (!isFirst) return transaction;
    isFirst = false;
    const { exec } = transaction;
    transaction.exec = (async () => {
      const read = await exec.call(transaction);
      await store.requests.applyTo(REF, { name: "settled", costMicro: 5 });
      return read;
    }) as typeof exec;
    return transaction;
  }) as typeof redis.multi;
  await freezeEnded("acme", ALWAYS, 10);
  expect((await store.requests.get(REF))?.doc.costMicro).toBe(5);
  expect((await store.timeline.changes(REF)).at(-1)?.name).toBe("settled");
});

test("only requests that ended before the given time", async () => {
  await ended(COMPLETED);
  expect(await store.coldRequests.freezeEnded("acme", Date.now() - 60_000, 10)).toBe(0);
  expect(await redis.hexists(store.keys.request("acme", ID), "doc")).toBe(1);
});

test("erased: nothing of it stays", async () => {
  await ended(COMPLETED);
  await store.coldRequests.freezeEnded("acme", ALWAYS, 10);
  const current = await store.requests.get(REF);
  expect(current !== null && (await store.maintenance.erase(current))).toBe(true);
  expect((await redis.keys(`*${ID}*`)).toSorted()).toEqual([]);
  expect(await redis.zcard(store.keys.ended("acme"))).toBe(0);
  expect(await store.requests.get(REF)).toBeNull();
  expect(await store.timeline.history(REF)).toBeNull();
});

test.each([
  { what: "line breaks and quotes", doc: JSON.stringify({ prompt: 'a\nb "c" \u2028 ü 🦊' }) },
  { what: "a long prompt", doc: JSON.stringify({ prompt: "x".repeat(100_000) }) },
])("the cold form keeps $what", ({ doc }) => {
  const changes = [JSON.stringify({ name: "completed" }), JSON.stringify({ error: "one\ntwo" })];
  expect(fromColdForm(toColdForm({ doc, changes }))).toEqual({ doc, changes });
  expect(fromColdForm(toColdForm({ doc, changes: [] }))).toEqual({ doc, changes: [] });
});

test("a cold form of a newer version is an error that says so", () => {
  expect(() => fromColdForm(Buffer.from([200, 1, 2]))).toThrow("the cold form 200");
});
