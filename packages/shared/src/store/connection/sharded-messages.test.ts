import { once } from "node:events";
import { type Cluster, Redis } from "ioredis";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failure, NEVER_LATE, pendingRecord, submitIntended, T0 } from "../../../../../tests/support/records.js";
import { organizationElsewhere, useTestCluster } from "../../../../../tests/support/redis-cluster.js";
import { createTestClock, createTestSignal, type TestSignal } from "../../../../../tests/support/signals.js";
import { until } from "../../../../../tests/support/until.js";
import type { RequestRef } from "../../request/record.js";
import { createStore, type Store } from "../store.js";
import { clusterOf, nodeOf } from "./cluster.js";
import { connectPatient, connectSubscriber, untilReady } from "./connect.js";
import { aclRules, findMissingRights, missingRightsLine } from "./rights.js";
import { slotOf } from "./slot.js";
import { createSubscriber } from "./subscriber.js";

const cluster = useTestCluster({ replicas: 1 });
let redis: Redis;
let store: Store;
const opened: Redis[] = [];
beforeEach(async () => {
  redis = connectPatient(cluster.url);
  opened.push(redis);
  await untilReady(redis);
  store = createStore({ redis, clock: createTestClock() });
});
afterEach(() => {
  for (const one of opened.splice(0)) one.disconnect();
});

async function accepted(organization = "acme"): Promise<RequestRef> {
  const record = pendingRecord({ organization });
  await store.requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });
  return { organization, id: record.id };
}

async function openSubscriber(url = cluster.url) {
  const connection = connectSubscriber(url).on("error", () => {});
  opened.push(connection);
  await untilReady(connection);
  return { connection, subscriber: createSubscriber(connection, store.keys) };
}

/** A subscriber that waits for a change of a new request. */
async function openWaiting() {
  const { subscriber } = await openSubscriber();
  const request = await accepted();
  const signal = createTestSignal();
  const stop = await subscriber.listen(request, signal.fire);
  return { subscriber, request, signal, stop, node: await cluster.primaryOf(channelOf(request)) };
}

/** As `openWaiting`, on a connection from which nothing is read. */
async function openPaused() {
  const subscribing = vi.spyOn(Redis.prototype, "ssubscribe");
  const waiting = await openWaiting();
  const link = subscribing.mock.contexts.at(-1) as Redis;
  subscribing.mockRestore();
  link.stream.pause();
  return { ...waiting, link };
}

const channelOf = ({ organization, id }: RequestRef) => store.keys.channel(organization, id);
const cancelRequested = (ref: RequestRef) => store.requests.applyTo(ref, { name: "cancel_requested", at: T0 });
const intended = (ref: RequestRef) => store.requests.applyTo(ref, submitIntended({ at: T0 }));
const ended = (ref: RequestRef) =>
  store.requests.applyTo(ref, { name: "failed", at: T0, failure: failure(), billedMicro: null });

/** Is woken at once, and at a later change. */
async function expectAwake({ request, signal }: { request: RequestRef; signal: TestSignal }): Promise<void> {
  await signal.reached(1);
  const woken = signal.count();
  await cancelRequested(request);
  await signal.reached(woken + 1);
}

const listeners = async (ref: RequestRef) => {
  const node = await cluster.primaryOf(channelOf(ref));
  const [, count] = (await node.command("PUBSUB", "SHARDNUMSUB", channelOf(ref))) as unknown[];
  return Number(count);
};

async function organizationOn(node: unknown, prefix: string): Promise<string> {
  const names = Array.from({ length: 30 }, (_, n) => `${prefix}-${n}`);
  const nodes = await Promise.all(names.map((name) => cluster.primaryOf(store.keys.feedChannel(name))));
  return names[nodes.indexOf(node as (typeof nodes)[number])] ?? "";
}

/** How many messages a node got from another shard. */
async function broadcasts(): Promise<number> {
  const infos = await Promise.all(cluster.servers.map(({ command }) => command("CLUSTER", "INFO")));
  const received = infos.map((info) => Number(/messages_publish_received:(\d+)/.exec(String(info))?.[1] ?? 0));
  return received.reduce((sum, count) => sum + count, 0);
}

test("sharded messages: wake at every change of a request, on each node, at the events of an organization, and reach no other node", async () => {
  const { subscriber } = await openSubscriber();
  const mine = await accepted();
  const elsewhere = await organizationElsewhere(cluster, await cluster.primaryOf(channelOf(mine)), store.keys);
  const others = await accepted(elsewhere);
  const [signal, otherSignal, feedSignal] = [createTestSignal(), createTestSignal(), createTestSignal()];
  await subscriber.listen(mine, signal.fire);
  await subscriber.listen(others, otherSignal.fire);
  await subscriber.listenToFeed(elsewhere, feedSignal.fire);
  await intended(mine);
  await cancelRequested(mine);
  await signal.reached(1);
  await ended(mine);
  await signal.reached(2);
  await cancelRequested(others);
  await otherSignal.reached(1);
  await ended(others);
  await Promise.all([otherSignal.reached(2), feedSignal.reached(1)]);
  expect([signal.count(), otherSignal.count(), await broadcasts()]).toEqual([2, 2, 0]);
});

test("sharded messages: do not miss a transition right after listen() has resolved, or after listening again", async () => {
  const { subscriber } = await openSubscriber();
  for (let round = 0; round < 30; round += 1) {
    const record = await accepted();
    const signal = createTestSignal();
    (await subscriber.listen(record, () => {}))();
    const stop = await subscriber.listen(record, signal.fire);
    await cancelRequested(record);
    await signal.reached(1);
    stop();
  }
});

test("sharded messages: a subscription ends with its last listener, also when it stops at once", async () => {
  const { subscriber } = await openSubscriber();
  const [one, two] = [await accepted(), await accepted()];
  const stop = await subscriber.listen(one, () => {});
  expect(await listeners(one)).toBe(1);
  stop();
  (await subscriber.listen(two, () => {}))();
  await until("the end", async () => (await listeners(one)) + (await listeners(two)) === 0);
});

test("sharded messages: when the slot has moved to another node, listeners are woken, and at later changes", async () => {
  const waiting = await openWaiting();
  await cluster.moveSlotOf(channelOf(waiting.request));
  await expectAwake(waiting);
  expect(await listeners(waiting.request)).toBe(1);
});

test("sharded messages: a channel of a slot that did not move is not woken", async () => {
  const waiting = await openWaiting();
  const { subscriber, signal, node } = waiting;
  const moving = await organizationOn(node, "moving");
  const moved = createTestSignal();
  await subscriber.listenToFeed(moving, moved.fire);
  await cluster.moveSlotOf(store.keys.feedChannel(moving));
  await moved.reached(1);
  expect(signal.count()).toBe(0);
  await cancelRequested(waiting.request);
  await signal.reached(1);
});

test("sharded messages: after a failover, listeners are woken, and at later changes, and new ones are at the new primary", async () => {
  const waiting = await openWaiting();
  const { request, node: old } = waiting;
  const { subscriber } = await openSubscriber();
  await cluster.failOver(channelOf(request));
  await expectAwake(waiting);
  await until("the cluster to be whole", cluster.isWhole);
  // Its client still takes the old node for the primary. As a replica, that node would take the subscription.
  await subscriber.listen(request, () => {});
  expect(await listeners(request)).toBe(2);
  await until("the old one to have none", async () => {
    const channels = (await old.command("PUBSUB", "SHARDCHANNELS")) as unknown[];
    return channels.length === 0;
  });
});

test("sharded messages: when a node hangs until its replica takes over, listeners are woken, and at later changes", async () => {
  const waiting = await openWaiting();
  process.kill(waiting.node.pid, "SIGSTOP");
  await waiting.signal.reached(1);
  process.kill(waiting.node.pid, "SIGCONT");
  await expectAwake(waiting);
  await until("the cluster to be whole", cluster.isWhole);
});

test("sharded messages: after a lost connection, listeners are woken, and at later changes", async () => {
  const waiting = await openWaiting();
  expect(await waiting.node.command("CLIENT", "KILL", "TYPE", "pubsub")).toBeGreaterThanOrEqual(1);
  await expectAwake(waiting);
});

test("sharded messages: a subscription that is left while its slot moves away disturbs no other one", async () => {
  const { subscriber, request, stop, node, link } = await openPaused();
  const staying = await accepted(await organizationOn(node, "staying"));
  const signal = createTestSignal();
  await cluster.moveSlotOf(channelOf(request));
  // Redis has ended this subscription already. ioredis takes that message for the answer, and the refusal for the next.
  stop();
  const listening = subscriber.listen(staying, signal.fire);
  await until("the subscription", () => listeners(staying));
  link.stream.resume();
  await listening;
  await cancelRequested(staying);
  await signal.reached(1);
});

test("sharded messages: a subscription that ends right after it was confirmed begins again", async () => {
  const { subscriber, node, link } = await openPaused();
  const moving = await accepted(await organizationOn(node, "moving-soon"));
  const signal = createTestSignal();
  const listening = subscriber.listen(moving, signal.fire);
  await until("the subscription", () => listeners(moving));
  await cluster.moveSlotOf(channelOf(moving));
  link.stream.resume();
  await listening;
  await expectAwake({ request: moving, signal });
});

test("sharded messages: a listener that stops while its lost subscription begins again leaves none behind", async () => {
  const { request, stop, node } = await openWaiting();
  const { ssubscribe } = Redis.prototype;
  const subscribing = vi.spyOn(Redis.prototype, "ssubscribe").mockImplementation(function (this: Redis, ...args) {
    stop();
    return ssubscribe.apply(this, args);
  });
  await node.command("CLIENT", "KILL", "TYPE", "pubsub");
  await until("the new subscription", () => subscribing.mock.settledResults.some(({ type }) => type === "fulfilled"));
  subscribing.mockRestore();
  await until("its end", async () => (await listeners(request)) === 0);
});

test("sharded messages: a channel that Redis refuses to this user fails no listener, and is heard once it is allowed", async () => {
  const all = (...words: string[]) => Promise.all(cluster.servers.map(({ command }) => command(...words)));
  await all("ACL", "SETUSER", "deaf", "on", ">secret", "~*", "+@all", "resetchannels");
  const { subscriber } = await openSubscriber(cluster.url.replace("//:test-password", "//deaf:secret"));
  const record = await accepted();
  const signal = createTestSignal();
  const stop = await subscriber.listen(record, signal.fire);
  await cancelRequested(record);
  await all("ACL", "SETUSER", "deaf", "&*");
  await all("CLIENT", "KILL", "USER", "deaf");
  await signal.reached(1);
  await ended(record);
  await signal.reached(2);
  stop();
});

test("sharded messages: listen() rejects while the cluster is away", async () => {
  const { connection, subscriber } = await openSubscriber();
  const closed = once(connection, "close");
  clusterOf(connection)?.disconnect();
  await closed;
  await expect(subscriber.listen(await accepted(), () => {})).rejects.toThrow(/connection/i);
});

test("sharded messages: a node to which the client has lost its connection is found again", async () => {
  const { connection, subscriber } = await openSubscriber();
  const request = await accepted();
  const node = nodeOf(connection as unknown as Cluster, slotOf(channelOf(request)));
  const ended = once(node ?? connection, "end");
  node?.disconnect();
  await ended;
  const signal = createTestSignal();
  await subscriber.listen(request, signal.fire);
  await cancelRequested(request);
  await signal.reached(1);
});

test("sharded messages: the documented rights are enough, and those that are missing are named", async () => {
  const needs = { prefix: store.keys.prefix, isCluster: true };
  const all = (...words: string[]) => Promise.all(cluster.servers.map(({ command }) => command(...words)));
  const rules = [...aclRules(needs), "+cluster|slots", "+cluster|info"];
  await all("ACL", "SETUSER", "gateway", "on", ">secret", ...rules);
  const url = cluster.url.replace("//:test-password", "//gateway:secret");
  const own = connectPatient(url);
  opened.push(own);
  const { subscriber } = await openSubscriber(url);
  const request = await accepted();
  const signal = createTestSignal();
  await subscriber.listen(request, signal.fire);
  await createStore({ redis: own, clock: createTestClock() }).requests.applyTo(request, submitIntended({ at: T0 }));
  await cancelRequested(request);
  await signal.reached(1);
  expect(await findMissingRights(own, needs)).toEqual([]);
  await all("ACL", "SETUSER", "gateway", "resetchannels");
  const missing = await findMissingRights(own, needs);
  expect(missingRightsLine(missing, "gateway")).toContain("&vg:* +spublish +ssubscribe");
});
