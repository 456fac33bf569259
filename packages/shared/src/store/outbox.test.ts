import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import { until } from "../../../../tests/support/until.js";
import { createStore, type Store } from "./store.js";

const server = useTestRedis();
let redis: Redis;
let outbox: Store["outbox"];
let keys: Store["keys"];
beforeEach(async () => {
  redis = new Redis(server.url);
  await redis.flushall();
  ({ outbox, keys } = createStore({ redis, clock: createTestClock() }));
});
afterEach(() => redis.disconnect());

const ref = (id: string) => ({ organization: "acme", id });
const push = (...ids: string[]) => Promise.all(ids.map((id) => outbox.push("fal", ref(id))));
const take = async (lease: string, limit = 10) => (await outbox.take("fal", lease, limit)).refs.map(({ id }) => id);

test("what was pushed is taken in order, once, at most so many at a time", async () => {
  await push("a", "b", "c");
  expect(await take("one", 2)).toEqual(["a", "b"]);
  expect(await take("two", 2)).toEqual(["c"]);
  expect(await outbox.take("fal", "one", 2)).toEqual({ count: 0, refs: [] });
});

test("requests of one turn arrive with one command", async () => {
  const before = await redis.info("commandstats");
  await push(...Array.from({ length: 50 }, (_, at) => `id-${at}`));
  const calls = (text: string) => Number(/cmdstat_evalsha?:calls=(\d+)/.exec(text)?.[1] ?? 0);
  expect(calls(await redis.info("commandstats")) - calls(before)).toBeLessThanOrEqual(1);
  expect(await take("one", 100)).toHaveLength(50);
});

test("more than 1,000 in one turn: all arrive", async () => {
  await push(...Array.from({ length: 2500 }, (_, at) => `id-${at}`));
  expect((await outbox.counts("fal")).waiting).toBe(2500);
});

test("an entry is noted as taken until it is settled, or given back by the process that has it", async () => {
  await push("a", "b");
  await take("one");
  expect(await outbox.counts("fal")).toEqual({ waiting: 0, active: 2 });
  expect(await outbox.takenBy("fal", "one")).toEqual([ref("a"), ref("b")]);
  await outbox.settle("fal", "one", ref("a"));
  expect(await outbox.takenBy("fal", "one")).toEqual([ref("b")]);
  expect(await outbox.giveBack("fal", "one", [ref("a"), ref("b")])).toBe(1);
  expect(await take("two")).toEqual(["b"]);
  expect(await outbox.giveBack("fal", "one", [ref("b")])).toBe(0);
  await outbox.settle("fal", "one", ref("b"));
  expect(await outbox.takenBy("fal", "two")).toEqual([ref("b")]);
});

test("an entry that is there twice is taken once", async () => {
  await push("a", "a");
  expect(await take("one")).toEqual(["a"]);
  await push("a");
  expect(await outbox.take("fal", "two", 10)).toEqual({ count: 1, refs: [] });
});

test("an entry whose request has a job is dropped", async () => {
  await redis.hset(`${keys.jobs("fal")}a`, "name", "wake-up");
  await push("a", "b");
  expect(await outbox.take("fal", "one", 10)).toEqual({ count: 2, refs: [ref("b")] });
});

test("a ring reaches one waiting process, is kept when none waits, and names the queue", async () => {
  const blocking = new Redis(server.url);
  const wait = (seconds: number) => outbox.untilRung(blocking, ["runway", "fal"], seconds);
  const waiting = wait(10);
  await push("a");
  expect(await waiting).toBe("fal");
  await push("b");
  await push("c");
  expect(await wait(10)).toBe("fal");
  expect(await wait(0.1)).toBeNull();
  blocking.disconnect();
});

test("what a process leaves in the outbox rings for another one", async () => {
  await push("a", "b", "c");
  await redis.del(keys.outboxBell("fal"));
  await take("one", 2);
  expect(await redis.llen(keys.outboxBell("fal"))).toBe(1);
  await redis.del(keys.outboxBell("fal"));
  await take("two", 2);
  expect(await redis.llen(keys.outboxBell("fal"))).toBe(0);
});

test("what a process gives back rings for the others", async () => {
  await push("a");
  await redis.del(keys.outboxBell("fal"));
  await take("one");
  await outbox.giveBack("fal", "one", [ref("a")]);
  expect(await redis.llen(keys.outboxBell("fal"))).toBe(1);
});

test("while Redis is away, a push is repeated until it arrives", async () => {
  redis.disconnect();
  const send = vi.spyOn(redis, "sendCommand");
  const pushing = push("a");
  await until("a second try", () => send.mock.calls.length > 1);
  await redis.connect();
  await Promise.all([pushing, outbox.pushed()]);
  expect(await take("one")).toEqual(["a"]);
});

test("a push that Redis refuses for good rejects, and pushed() still resolves", async () => {
  await redis.set(keys.outbox("fal"), "not a list");
  const failing = expect(push("a")).rejects.toThrow("WRONGTYPE");
  await outbox.pushed();
  await failing;
});
