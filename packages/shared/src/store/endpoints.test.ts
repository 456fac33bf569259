import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NEVER_LATE, pendingRecord, T0 } from "../../../../tests/support/records.js";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import type { WebhookEndpoint } from "../delivery/endpoint.js";
import { MAX_ENDPOINTS } from "./endpoints.js";
import { createStore, type Store } from "./store.js";

let server: TestRedis;
let connections: Redis[];
let stores: Store[];
let count = 0;
beforeAll(async () => {
  server = await startTestRedis();
  connections = Array.from({ length: 4 }, () => new Redis(server.url));
});
beforeEach(() => {
  const prefix = `test-${++count}`;
  stores = connections.map((redis) => createStore({ redis, prefix, clock: createTestClock() }));
});
afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await server.stop();
});

/** The store of the n-th process. */
const at = (n: number) => {
  const store = stores[n % stores.length];
  if (store === undefined) throw new Error("there is no store");
  return store;
};
const endpoint = (overrides: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  ...{ v: 1, id: "we_1", organization: "acme", url: "https://example.com/", description: null, createdAt: T0 },
  ...{ events: ["request.completed", "request.failed"], disabledReason: null, failingSince: null },
  ...{ secret: "secret", previousSecret: null },
  ...overrides,
});
const subscriptions = () => connections[0]?.hgetall(at(0).keys.subscriptions("acme"));
/** The endpoints that get the event of a failed request. */
async function notified(): Promise<(string | null)[]> {
  const record = pendingRecord();
  const { requests, deliveries } = at(0);
  await requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
  const failure = { code: "PROVIDER_ERROR", message: "it broke", retryable: true, charged: false } as const;
  await requests.applyTo(record, { name: "failed", at: T0, failure, billedMicro: null });
  return (await deliveries.ofRequest(record)).map(({ doc }) => doc.endpointId);
}

describe("endpoints", () => {
  test("are listed oldest first, and only in their organization", async () => {
    const ids = ["we_b", "we_a", "we_c"];
    for (const [n, id] of ids.entries()) await at(n).endpoints.add(endpoint({ id, createdAt: T0 + (n === 2 ? 0 : 1) }));
    expect((await at(3).endpoints.list("acme")).map(({ id }) => id)).toEqual(["we_c", "we_a", "we_b"]);
    expect(await at(0).endpoints.get("acme", "we_a")).toEqual(endpoint({ id: "we_a", createdAt: T0 + 1 }));
    expect([await at(0).endpoints.get("globex", "we_a"), await at(0).endpoints.list("globex")]).toEqual([null, []]);
    expect(await at(0).endpoints.remove("globex", "we_a")).toBe(false);
    expect(await at(0).endpoints.update("globex", "we_a", (one) => ({ ...one, url: "x" }))).toBeNull();
    expect(await at(0).endpoints.list("acme")).toHaveLength(3);
  });

  test("get events only while they exist and are enabled", async () => {
    const { endpoints } = at(0);
    await endpoints.add(endpoint());
    await endpoints.add(endpoint({ id: "we_off", disabledReason: "by_caller" }));
    await endpoints.add(endpoint({ id: "we_other", events: ["request.completed"] }));
    expect(await notified()).toEqual(["we_1"]);
    await endpoints.update("acme", "we_off", (one) => ({ ...one, disabledReason: null }));
    await endpoints.update("acme", "we_1", (one) => ({ ...one, events: ["request.progress"] }));
    expect(await notified()).toEqual(["we_off"]);
    await endpoints.update("acme", "we_off", (one) => ({ ...one, disabledReason: "failing" }));
    expect(await notified()).toEqual([]);
    await endpoints.remove("acme", "we_1");
    expect(await subscriptions()).toEqual({ we_other: "request.completed" });
  });

  test("are not written by an update that changes nothing", async () => {
    await at(0).endpoints.add(endpoint());
    await connections[0]?.del(at(0).keys.subscriptions("acme"));
    expect(await at(0).endpoints.update("acme", "we_1", (one) => one)).toEqual(endpoint());
    expect(await subscriptions()).toEqual({});
  });
});

describe("endpoints, changed by several processes at once", () => {
  test("lose no update", async () => {
    await at(0).endpoints.add(endpoint({ description: "" }));
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const add = (letter: string) => (one: WebhookEndpoint) => ({ ...one, description: `${one.description}${letter}` });
    await Promise.all(letters.map((letter, n) => at(n).endpoints.update("acme", "we_1", add(letter))));
    const kept = await at(0).endpoints.get("acme", "we_1");
    expect([...(kept?.description ?? "")].toSorted()).toEqual(letters);
  });

  test("never exceed the maximum number", async () => {
    const add = (_: unknown, n: number) => at(n).endpoints.add(endpoint({ id: `we_${n}` }));
    const added = await Promise.all(Array.from({ length: MAX_ENDPOINTS + 15 }, add));
    expect(added.filter(Boolean)).toHaveLength(MAX_ENDPOINTS);
    expect(await at(0).endpoints.list("acme")).toHaveLength(MAX_ENDPOINTS);
    await at(0).endpoints.update("acme", "we_0", (one) => ({ ...one, description: "at the limit" }));
    expect((await at(0).endpoints.get("acme", "we_0"))?.description).toBe("at the limit");
  });

  test("stay removed while other processes update them, and get no events", async () => {
    for (let round = 0; round < 20; round += 1) {
      await at(0).endpoints.add(endpoint());
      const updates = [1, 2, 3].map((n) =>
        at(n).endpoints.update("acme", "we_1", (one) => ({ ...one, failingSince: n, disabledReason: null })),
      );
      const removed = await at(0).endpoints.remove("acme", "we_1");
      await Promise.all(updates);
      expect([removed, await at(0).endpoints.list("acme"), await subscriptions()]).toEqual([true, [], {}]);
    }
  });
});
