import { once } from "node:events";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startHoldingProxy } from "../../../../../tests/support/holding-proxy.js";
import { failure, NEVER_LATE, pendingRecord, submitIntended, T0 } from "../../../../../tests/support/records.js";
import { startTestRedis, type TestRedis } from "../../../../../tests/support/redis.js";
import { createTestClock, createTestSignal } from "../../../../../tests/support/signals.js";
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

test("subscriber: wakes at every change of its request, and at no other request's", async () => {
  const { subscriber } = await openSubscriber();
  const [mine, others] = [await accepted(), await accepted()];
  const [signal, otherSignal] = [createTestSignal(), createTestSignal()];
  await subscriber.listen(mine, signal.fire);
  await subscriber.listen(others, otherSignal.fire);
  await intended(mine);
  await cancelRequested(mine);
  await signal.reached(1);
  await ended(mine);
  await signal.reached(2);
  await cancelRequested(others);
  await otherSignal.reached(1);
  expect([signal.count(), otherSignal.count()]).toEqual([2, 1]);
});

test("subscriber: does not miss a transition right after listen() has resolved", async () => {
  const { subscriber } = await openSubscriber();
  for (let round = 0; round < 50; round += 1) {
    const record = await accepted();
    const signal = createTestSignal();
    const stop = await subscriber.listen(record, signal.fire);
    await cancelRequested(record);
    await signal.reached(1);
    stop();
  }
});

test("subscriber: when one of two listeners of a request stops, the other is still woken", async () => {
  const { subscriber } = await openSubscriber();
  const record = await accepted();
  const [leaving, staying] = [createTestSignal(), createTestSignal()];
  const leave = await subscriber.listen(record, leaving.fire);
  await subscriber.listen(record, staying.fire);
  leave();
  leave();
  await cancelRequested(record);
  await staying.reached(1);
  expect(leaving.count()).toBe(0);
});

test("subscriber: unsubscribes with the last listener, and subscribes again for a new one", async () => {
  const { subscriber } = await openSubscriber();
  const record = await accepted();
  const stop = await subscriber.listen(record, () => {});
  expect(await listeners(record)).toBe(1);
  stop();
  await until("the subscription to end", async () => (await listeners(record)) === 0);
  const signal = createTestSignal();
  await subscriber.listen(record, signal.fire);
  await cancelRequested(record);
  await signal.reached(1);
});

test("subscriber: a listener that stops and listens again at once is woken", async () => {
  const { subscriber } = await openSubscriber();
  const record = await accepted();
  const stop = await subscriber.listen(record, () => {});
  stop();
  const signal = createTestSignal();
  await subscriber.listen(record, signal.fire);
  await cancelRequested(record);
  await signal.reached(1);
});

test("subscriber: wakes after a reconnection, since changes may have been missed, and at later changes", async () => {
  const { connection, subscriber } = await openSubscriber();
  const record = await accepted();
  const signal = createTestSignal();
  await subscriber.listen(record, signal.fire);
  const closed = once(connection, "close");
  expect(await redis.call("CLIENT", "KILL", "TYPE", "pubsub")).toBeGreaterThanOrEqual(1);
  await closed;
  await signal.reached(1);
  await cancelRequested(record);
  await signal.reached(2);
});

test("subscriber: detects a connection that broke silently, and wakes its listeners", async () => {
  const address = new URL(server.url);
  const proxy = await startHoldingProxy({ host: address.hostname, port: Number(address.port) });
  try {
    address.port = String(proxy.port);
    const { subscriber } = await openSubscriber(address.href);
    const record = await accepted();
    const signal = createTestSignal();
    await subscriber.listen(record, signal.fire);
    proxy.silenceAll();
    await cancelRequested(record);
    await signal.reached(1);
  } finally {
    await proxy.close();
  }
});

test("subscriber: after a reconnection it wakes only when Redis has confirmed the subscription", async () => {
  const address = new URL(server.url);
  const proxy = await startHoldingProxy({ host: address.hostname, port: Number(address.port) });
  try {
    address.port = String(proxy.port);
    const { subscriber } = await openSubscriber(address.href);
    const record = await accepted();
    const signal = createTestSignal();
    await subscriber.listen(record, signal.fire);
    proxy.hold("subscribe");
    proxy.cutAll();
    await proxy.held.reached(1);
    // The connection is back, but Redis does not have the subscription yet: nothing receives this transition.
    await cancelRequested(record);
    const wokenEarly = signal.count();
    proxy.release();
    await signal.reached(wokenEarly + 1);
  } finally {
    await proxy.close();
  }
});

test("subscriber: listen() rejects while the connection is away, and works again when it is back", async () => {
  const { connection, subscriber } = await openSubscriber();
  const record = await accepted();
  const closed = once(connection, "close");
  await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await closed;
  await expect(subscriber.listen(record, () => {})).rejects.toThrow(/connection/i);
  if (connection.status !== "ready") await once(connection, "ready");
  const signal = createTestSignal();
  await subscriber.listen(record, signal.fire);
  await cancelRequested(record);
  await signal.reached(1);
});

test("subscriber: a channel that Redis refuses to this user fails no listener, and is heard once it is allowed", async () => {
  await redis.call("ACL", "SETUSER", "deaf", "on", ">secret", "~*", "+@all", "resetchannels");
  const { connection, subscriber } = await openSubscriber(server.url.replace("//:test-password", "//deaf:secret"));
  const record = await accepted();
  const signal = createTestSignal();
  const stop = await subscriber.listen(record, signal.fire);
  await cancelRequested(record);
  await redis.call("ACL", "SETUSER", "deaf", "&*");
  const ready = once(connection, "ready");
  await redis.call("CLIENT", "KILL", "USER", "deaf");
  await ready;
  await signal.reached(1);
  await ended(record);
  await signal.reached(2);
  stop();
});
