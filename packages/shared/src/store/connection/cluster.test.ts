import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pendingRecord } from "../../../../../tests/support/records.js";
import { useTestCluster } from "../../../../../tests/support/redis-cluster.js";
import { contentsOf } from "../../../../../tests/support/redis-contents.js";
import { SCRIPT_SCENARIOS } from "../../../../../tests/support/script-scenarios.js";
import { createTestClock } from "../../../../../tests/support/signals.js";
import { createStore, type Store } from "../store.js";
import { primariesOf } from "./cluster.js";
import { connectFailFast, connectPatient, type Redis, untilReady } from "./connect.js";

const cluster = useTestCluster();
const ORGANIZATION = "acme";
const NEVER_LATE = Number.MAX_SAFE_INTEGER;
let redis: Redis;
let store: Store;
beforeEach(async () => {
  redis = connectPatient(cluster.url);
  await untilReady(redis);
  store = createStore({ redis, clock: createTestClock() });
});
afterEach(async () => {
  await Promise.all(primariesOf(redis).map((node) => node.flushall()));
  redis.disconnect();
});

const newRecord = () => pendingRecord({ organization: ORGANIZATION });
const accept = (record = newRecord()) =>
  store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });

/** They change one key, wherever it is. */
const ONE_KEY = new Set(["beat"]);

test("cluster: scripts whose slot is moving wait before their first write, and run when it has moved", async () => {
  const calls = await Promise.all(
    SCRIPT_SCENARIOS.filter(({ what }) => !ONE_KEY.has(what)).map(async ({ what, prepare }, index) => {
      const own = createStore({ redis, clock: createTestClock(), prefix: `t${index}` });
      const act = await prepare(own);
      return { what, prefix: `t${index}:`, run: () => act(own) };
    }),
  );
  const before = await contentsOf(redis);
  const queues = calls.map(({ prefix }) => `{${prefix.slice(0, -1)}-fal}:outbox`);
  const moves = await movesOf([...before.keys(), ...queues]);
  for (const move of moves) await cluster.beginMove(move);
  const running = calls.map(({ run }) => run());
  await sleep(500);
  const meanwhile = await contentsOf(redis);
  const changed = calls.filter(({ prefix }) => isChanged(prefix, before, meanwhile)).map(({ what }) => what);
  for (const move of moves) await cluster.finishMove(move);
  await Promise.all(running);
  expect(changed).toEqual([]);
});

/** Of the slots of all these keys to another node. */
async function movesOf(keys: string[]) {
  const slots = new Map(await Promise.all(keys.map(async (key) => [await cluster.slotOf(key), key] as const)));
  return Promise.all([...slots.values()].map(cluster.moveOf));
}

function isChanged(prefix: string, one: Map<string, string>, other: Map<string, string>): boolean {
  const own = (contents: Map<string, string>) =>
    [...contents].filter(([name]) => name.startsWith(prefix) || name.startsWith(`{${prefix.slice(0, -1)}-`)).toSorted();
  return JSON.stringify(own(one)) !== JSON.stringify(own(other));
}

test("cluster: a request that is read while its slot moves is found", async () => {
  const record = newRecord();
  await accept(record);
  let read: Promise<unknown> = Promise.resolve();
  await cluster.moveSlotOf(store.keys.allRequests(ORGANIZATION), async () => {
    // As if the request had moved already: only the new node has it.
    const key = store.keys.request(ORGANIZATION, record.id);
    const move = await cluster.moveOf(key);
    await move.from.command("MIGRATE", "127.0.0.1", String(move.to.port), key, "0", "5000", "AUTH", "test-password");
    read = store.requests.get(record);
  });
  expect(await read).toMatchObject({ doc: { id: record.id } });
});

test("cluster: a connection that fails fast gives up within its time limit when a slot does not stop moving", async () => {
  const hasty = connectFailFast(cluster.url);
  await untilReady(hasty);
  const began = performance.now();
  await cluster.moveSlotOf(store.keys.allRequests(ORGANIZATION), async () => {
    const failed = createStore({ redis: hasty, clock: createTestClock() }).requests.accept({
      ...{ record: newRecord(), idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null },
    });
    await expect(failed).rejects.toThrow(/timed out|redirections/);
    expect(performance.now() - began).toBeLessThan(5000);
  });
  hasty.disconnect();
  expect(await store.listing.newest(ORGANIZATION, 0, 10)).toEqual([]);
});
