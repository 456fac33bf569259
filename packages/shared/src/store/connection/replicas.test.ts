import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Pair, startPair } from "../../../../../tests/support/redis-failover.js";
import { changedNothing } from "./connect.js";
import { faultOf } from "./fault.js";
import { createReplicas, NotReplicatedError } from "./replicas.js";

let pair: Pair;
let redis: Redis;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.stop());
beforeEach(async () => {
  redis = new Redis(pair.primary.url, { maxRetriesPerRequest: null });
  redis.on("error", () => {});
  await redis.ping();
  return () => {
    process.kill(pair.replica.pid, "SIGCONT");
    redis.disconnect();
  };
});

/** What `count` replicas have of what was written before. */
function replicasOf(count: number) {
  const replicas = createReplicas(redis, count);
  return { haveAll: () => replicas.haveAllOf(replicas.connection("any")), replicas };
}

const waits = async () => Number(/cmdstat_wait:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);

test("no replicas are asked for: sends nothing, and does not wait", async () => {
  process.kill(pair.replica.pid, "SIGSTOP");
  const before = await waits();
  await replicasOf(0).haveAll();
  expect(await waits()).toBe(before);
});

test("a replica that runs: has the write when the wait ends", async () => {
  const { haveAll } = replicasOf(1);
  const replica = new Redis(pair.replica.url);
  for (let n = 0; n < 50; n += 1) {
    await redis.set("written", n);
    await haveAll();
    expect(await replica.get("written")).toBe(String(n));
  }
  replica.disconnect();
});

test("a replica that does not answer: rejects, and resolves once it has the write", async () => {
  const { haveAll } = replicasOf(1);
  process.kill(pair.replica.pid, "SIGSTOP");
  await redis.set("written", 1);
  await expect(haveAll()).rejects.toThrow(NotReplicatedError);
  process.kill(pair.replica.pid, "SIGCONT");
  expect(await haveAll()).toBe(true);
});

test("the connection was replaced since the write: false, because the other one may lead to another server", async () => {
  const { replicas } = replicasOf(1);
  const connection = replicas.connection("any");
  await redis.set("written", 1);
  const ready = new Promise((resolve) => redis.once("ready", resolve));
  redis.disconnect(true);
  expect(await replicas.haveAllOf(connection)).toBe(false);
  await ready;
  expect(await replicas.haveAllOf(connection)).toBe(false);
  expect(await replicas.haveAllOf(replicas.connection("any"))).toBe(true);
});

test("a connection without a queue is away: the error does not say that nothing was written", async () => {
  const failing = new Redis(pair.primary.url, { enableOfflineQueue: false, retryStrategy: () => null });
  failing.on("error", () => {});
  await new Promise((resolve) => failing.once("ready", resolve));
  const replicas = createReplicas(failing, 1);
  failing.disconnect();
  await new Promise((resolve) => failing.once("end", resolve));
  const error = await replicas.haveAllOf(replicas.connection("any")).catch((caught: unknown) => caught);
  expect([error instanceof NotReplicatedError, changedNothing(error)]).toEqual([true, false]);
});

test("the user may not wait: the error says so", async () => {
  await redis.call("ACL", "SETUSER", "narrow", "on", ">narrow", "~*", "+@all", "-wait");
  const address = new URL(pair.primary.url);
  [address.username, address.password] = ["narrow", "narrow"];
  const narrow = new Redis(address.href);
  const replicas = createReplicas(narrow, 1);
  const error = await replicas.haveAllOf(replicas.connection("any")).catch((caught: unknown) => caught);
  expect(faultOf(error)?.message).toContain("lacks a right");
  narrow.disconnect();
});

test("more replicas than there are: rejects", async () => {
  await expect(replicasOf(2).haveAll()).rejects.toThrow("1 replicas have it, not 2");
});

test("others ask whenever a wait ends, since their commands came after it: one that asked before is answered", async () => {
  const { haveAll } = replicasOf(1);
  await haveAll();
  process.kill(pair.replica.pid, "SIGSTOP");
  await redis.set("written", 1);
  let isOver = false;
  const askSoonAfter = async (ticks: number) => {
    while (!isOver) {
      await redis.get("written");
      for (let tick = 0; tick < ticks; tick += 1) await null;
      haveAll().catch(() => {});
    }
  };
  const others = Array.from({ length: 20 }, (_, ticks) => askSoonAfter(ticks));
  await redis.get("written");
  await expect(haveAll()).rejects.toThrow(NotReplicatedError);
  isOver = true;
  await Promise.all(others);
});

test("100 at once: share a few waits", async () => {
  const { haveAll } = replicasOf(1);
  await haveAll();
  const before = await waits();
  await Promise.all(Array.from({ length: 100 }, haveAll));
  expect((await waits()) - before).toBeLessThanOrEqual(2);
});
