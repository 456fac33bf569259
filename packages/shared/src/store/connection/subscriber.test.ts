import { once } from "node:events";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startHoldingProxy } from "../../../../../tests/support/holding-proxy.js";
import { failure, NEVER_LATE, pendingRecord, submitIntended, T0 } from "../../../../../tests/support/records.js";
import { startTestRedis, type TestRedis } from "../../../../../tests/support/redis.js";
import { createTestClock, createWakeSignal } from "../../../../../tests/support/signals.js";
import { until } from "../../../../../tests/support/until.js";
import type { RequestRecord, RequestRef } from "../../request/record.js";
import { createStore } from "../store.js";
import { connectSubscriber } from "./connect.js";
import { createSubscriber } from "./subscriber.js";

let server: TestRedis;
let redis: Redis;
const opened: Redis[] = [];
beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url);
});
afterEach(() => {
  for (const one of opened.splice(0)) one.disconnect();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const store = () => createStore({ redis, clock: createTestClock() });

async function accepted(): Promise<RequestRecord> {
  const record = pendingRecord();
  await store().requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
  return record;
}

async function openSubscriber(url = server.url) {
  const connection = connectSubscriber(url);
  opened.push(connection);
  connection.on("error", () => {});
  if (connection.status !== "ready") await once(connection, "ready");
  return { connection, subscriber: createSubscriber(connection, store().keys) };
}

const cancelRequested = (ref: RequestRef) => store().requests.applyTo(ref, { name: "cancel_requested", at: T0 });
const ended = (ref: RequestRef) =>
  store().requests.applyTo(ref, { name: "failed", at: T0, failure: failure(), billedMicro: null });
const intended = (ref: RequestRef) => store().requests.applyTo(ref, submitIntended({ at: T0 }));
const listeners = async (record: RequestRecord) => {
  const [, count] = (await redis.pubsub("NUMSUB", store().keys.channel(record.organization, record.id))) as unknown[];
  return Number(count);
};

test("wakes at every change of its request that is told, and at no other's", async () => {
  const { subscriber } = await openSubscriber();
  const [mine, others] = [await accepted(), await accepted()];
  const [bell, otherBell] = [createWakeSignal(), createWakeSignal()];
  await subscriber.listen(mine, bell.ring);
  await subscriber.listen(others, otherBell.ring);
  await intended(mine);
  await cancelRequested(mine);
  await bell.rung(1);
  await ended(mine);
  await bell.rung(2);
  await cancelRequested(others);
  await otherBell.rung(1);
  expect([bell.rings(), otherBell.rings()]).toEqual([2, 1]);
});

test("a transition right after listen() has resolved is not missed", async () => {
  const { subscriber } = await openSubscriber();
  for (let round = 0; round < 50; round += 1) {
    const record = await accepted();
    const bell = createWakeSignal();
    const stop = await subscriber.listen(record, bell.ring);
    await cancelRequested(record);
    await bell.rung(1);
    stop();
  }
});

test("of two that listen to one request, one that leaves does not deafen the other", async () => {
  const { subscriber } = await openSubscriber();
  const record = await accepted();
  const [leaving, staying] = [createWakeSignal(), createWakeSignal()];
  const leave = await subscriber.listen(record, leaving.ring);
  await subscriber.listen(record, staying.ring);
  leave();
  leave();
  await cancelRequested(record);
  await staying.rung(1);
  expect(leaving.rings()).toBe(0);
});

test("when the last one has left, Redis sends nothing any more; a newcomer hears again", async () => {
  const { subscriber } = await openSubscriber();
  const record = await accepted();
  const stop = await subscriber.listen(record, () => {});
  expect(await listeners(record)).toBe(1);
  stop();
  await until("the subscription to end", async () => (await listeners(record)) === 0);
  const bell = createWakeSignal();
  await subscriber.listen(record, bell.ring);
  await cancelRequested(record);
  await bell.rung(1);
});

test("leaving and listening again at once still hears", async () => {
  const { subscriber } = await openSubscriber();
  const record = await accepted();
  const stop = await subscriber.listen(record, () => {});
  stop();
  const bell = createWakeSignal();
  await subscriber.listen(record, bell.ring);
  await cancelRequested(record);
  await bell.rung(1);
});

test("wakes when a killed connection is back, since a transition may have been missed, and goes on to hear", async () => {
  const { connection, subscriber } = await openSubscriber();
  const record = await accepted();
  const bell = createWakeSignal();
  await subscriber.listen(record, bell.ring);
  const closed = once(connection, "close");
  expect(await redis.call("CLIENT", "KILL", "TYPE", "pubsub")).toBeGreaterThanOrEqual(1);
  await closed;
  await bell.rung(1);
  await cancelRequested(record);
  await bell.rung(2);
});

test("a connection that dies without a word is noticed, and those who wait are woken", async () => {
  const address = new URL(server.url);
  const proxy = await startHoldingProxy({ host: address.hostname, port: Number(address.port) });
  try {
    address.port = String(proxy.port);
    const { subscriber } = await openSubscriber(address.href);
    const record = await accepted();
    const bell = createWakeSignal();
    await subscriber.listen(record, bell.ring);
    proxy.silenceAll();
    await cancelRequested(record);
    await bell.rung(1);
  } finally {
    await proxy.close();
  }
});

test("after a reconnection it wakes only when it hears again: what happens before that is not missed", async () => {
  const address = new URL(server.url);
  const proxy = await startHoldingProxy({ host: address.hostname, port: Number(address.port) });
  try {
    address.port = String(proxy.port);
    const { subscriber } = await openSubscriber(address.href);
    const record = await accepted();
    const bell = createWakeSignal();
    await subscriber.listen(record, bell.ring);
    proxy.hold("subscribe");
    proxy.cutAll();
    await proxy.held.rung(1);
    // The connection is back, but Redis has not got the subscription: this transition reaches nobody.
    await cancelRequested(record);
    const wokenEarly = bell.rings();
    proxy.release();
    await bell.rung(wokenEarly + 1);
  } finally {
    await proxy.close();
  }
});

test("rejects while its connection is away, and works again when it is back", async () => {
  const { connection, subscriber } = await openSubscriber();
  const record = await accepted();
  const closed = once(connection, "close");
  await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await closed;
  await expect(subscriber.listen(record, () => {})).rejects.toThrow(/connection/i);
  if (connection.status !== "ready") await once(connection, "ready");
  const bell = createWakeSignal();
  await subscriber.listen(record, bell.ring);
  await cancelRequested(record);
  await bell.rung(1);
});
