import { randomUUID } from "node:crypto";
import { type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestClock, createTestSignal } from "../../../../tests/support/signals.js";
import { until } from "../../../../tests/support/until.js";
import { SLOTS, slotOf } from "../store/connection/slot.js";
import { MAINTENANCE_QUEUE, queuePrefix } from "./messages.js";
import { createProducer } from "./producer.js";
import { baseOf } from "./shard-name.js";
import { shardsOf, UNSHARDED, type WatchedShards, watchShards } from "./shards.js";

const ids = Array.from({ length: 600 }, () => randomUUID());

describe("shardsOf", () => {
  test("one shard is the queue itself", () => {
    expect(UNSHARDED.namesOf("fal")).toEqual(["fal"]);
    expect(new Set(ids.flatMap((id) => UNSHARDED.placesOf("fal", id)))).toEqual(new Set(["fal"]));
    expect(queuePrefix("fal")).toBe("{vg-fal}");
  });

  test("ids are spread evenly over six", () => {
    const shards = shardsOf(() => [6]);
    const counts = new Map(shards.namesOf("fal").map((name) => [name, 0]));
    for (const [place] of ids.map((id) => shards.placesOf("fal", id))) counts.set(place, (counts.get(place) ?? 0) + 1);
    expect([...counts.keys()]).toEqual(["fal", "fal.1", "fal.2", "fal.3", "fal.4", "fal.5"]);
    expect(Math.min(...counts.values())).toBeGreaterThan(60);
  });

  test("with several numbers in use, a job may be at its place of each", () => {
    const shards = shardsOf(() => [2, 6]);
    expect(shards.namesOf("fal")).toHaveLength(6);
    for (const id of ids) {
      const [own] = shardsOf(() => [2]).placesOf("fal", id);
      const [other] = shardsOf(() => [6]).placesOf("fal", id);
      expect(shards.placesOf("fal", id)).toEqual(own === other ? [own] : [own, other]);
    }
  });

  test("the maintenance has one queue", () => {
    expect(shardsOf(() => [6]).namesOf(MAINTENANCE_QUEUE)).toEqual([MAINTENANCE_QUEUE]);
  });

  test.each(["fal", "replicate", "runway", "webhooks"])("six shards of %s are two on each of three nodes", (queue) => {
    const nodes = shardsOf(() => [6])
      .namesOf(queue)
      .map((name) => Math.floor((slotOf(`${queuePrefix(name)}:x`) / SLOTS) * 3));
    expect(nodes.toSorted()).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test.each([
    ["fal", "fal"],
    ["fal.3", "fal"],
    ["webhooks.12", "webhooks"],
    ["v2.models", "v2.models"],
  ])("the queue of %s is %s", (shard, queue) => expect(baseOf(shard)).toBe(queue));
});

let server: TestRedis;
let redis: Redis;
let prefix: string;
const opened: { close(): unknown }[] = [];
beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
});
beforeEach(() => {
  prefix = `t-${randomUUID()}`;
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const clock = createTestClock();
const noError = (error: unknown) => {
  throw error;
};

async function watching(own: number): Promise<WatchedShards> {
  const shards = watchShards({
    redis,
    own,
    prefix,
    clock: { ...clock, untilKnown: async () => {} },
    everyMs: 50,
    onError: noError,
  });
  opened.push(shards);
  await shards.known;
  return shards;
}

describe("watchShards", () => {
  test("a process learns the numbers of others, and calls when there are more shards", async () => {
    const one = await watching(1);
    const more = createTestSignal();
    one.onMore(more.fire);
    await watching(6);
    await until("the first to learn it", () => one.namesOf("fal").length === 6);
    expect(more.count()).toBe(1);
    expect(one.placesOf("fal", ids[0] ?? "")[0]).toBe("fal");
    expect((await watching(2)).counts().toSorted()).toEqual([1, 2, 6]);
  });

  test("a number is forgotten a day after its last process", async () => {
    (await watching(6)).close();
    clock.advance(86_400_000);
    expect((await watching(2)).counts()).toEqual([2]);
    expect(await redis.hkeys(`${prefix}:shards`)).toEqual(["2"]);
  });
});

describe("a producer, after the number of shards has changed", () => {
  /** An id whose place is another one with 6 shards than with 2. */
  const moved = ids.find((id) => shardsOf(() => [2, 6]).placesOf("fal", id).length === 2) ?? "";
  const ref = { organization: "acme", id: moved };
  const producing = (...counts: [number, ...number[]]) => {
    const producer = createProducer({ redis, prefix, shards: shardsOf(() => counts), onError: noError });
    opened.push(producer);
    return producer;
  };
  function queueOf(name: string): Queue {
    const queue = new Queue(name, { connection: redis, prefix: queuePrefix(name, prefix) });
    opened.push(queue);
    return queue;
  }

  test("wakes no request a second time whose job is at its old place", async () => {
    await producing(6).wakeRequest("fal", ref, 60_000);
    await producing(2, 6).wakeRequest("fal", ref);
    expect(await producing(2, 6).counts("fal")).toEqual({ waiting: 0, active: 0, delayed: 1, failed: 0 });
  });

  test("nudges a job at its old place", async () => {
    await producing(6).wakeRequest("fal", ref, 60_000);
    await producing(2, 6).nudge("fal", moved);
    expect(await producing(2, 6).counts("fal")).toMatchObject({ waiting: 1, delayed: 0 });
  });

  test("counts, wakes and measures the jobs of all shards", async () => {
    const producer = producing(2, 6);
    for (const id of ids.slice(0, 30)) await producing(6).wakeRequest("fal", { ...ref, id }, 60_000);
    for (const id of ids.slice(30, 50)) await producer.wakeRequest("fal", { ...ref, id }, 1);
    expect(await producer.sleeping("fal")).toBe(50);
    expect(await producer.dueWithin("fal", 30_000)).toBe(20);
    await until("some to be overdue", async () => (await producer.lateMs("fal")) > 20);
    const perShard = await Promise.all(producer.shards.namesOf("fal").map(producer.shardCounts));
    expect(perShard.map(({ delayed }) => delayed ?? 0).reduce((sum, one) => sum + one)).toBe(50);
    await producer.promoteAll("fal");
    expect(await producer.counts("fal")).toMatchObject({ waiting: 50, delayed: 0 });
  });

  test("frees a job that is in no list of its old shard", async () => {
    await producing(6).wakeRequest("fal", ref);
    const [, old = ""] = shardsOf(() => [2, 6]).placesOf("fal", moved);
    await redis.del(`${queuePrefix(old, prefix)}:${old}:wait`);
    await producing(2, 6).removeStranded("fal", [ref]);
    await producing(2, 6).wakeRequest("fal", ref);
    expect(await producing(2).counts("fal")).toMatchObject({ waiting: 1 });
  });

  test("a job runs in its shard", async () => {
    const ran: (Job | undefined)[] = [];
    await producing(6).wakeRequest("fal", ref);
    for (const name of shardsOf(() => [6]).namesOf("fal")) {
      const worker = new Worker(name, null, { connection: redis, prefix: queuePrefix(name, prefix), autorun: false });
      opened.push(worker, queueOf(name));
      ran.push((await worker.getNextJob("t", { block: false })) as Job | undefined);
    }
    expect(ran.filter((job) => job !== undefined).map(({ id, queueName }) => [id, queueName])).toEqual([
      [moved, shardsOf(() => [6]).placesOf("fal", moved)[0]],
    ]);
  });
});
