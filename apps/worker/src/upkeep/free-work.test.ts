import type { RequestRef } from "@visgate/shared/request";
import { createStore, type Outbox } from "@visgate/shared/store";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createTestClock } from "../../../../tests/support/signals.js";
import { freeWorkOf } from "./free-work.js";

const server = useTestRedis();
let redis: Redis;
let outbox: Outbox;
beforeEach(async () => {
  redis = new Redis(server.url);
  await redis.flushall();
  ({ outbox } = createStore({ redis, clock: createTestClock() }));
});
afterEach(() => redis.disconnect());

const ref = (id: string): RequestRef => ({ organization: "acme", id });
const onError = () => {};
const takeBoth = async () => {
  await Promise.all(["one", "two"].map((id) => outbox.push("fal", ref(id))));
  await outbox.take("fal", "lease", 10);
};

test("requests of a dead process go back into the outbox, and their deaths are counted before", async () => {
  await takeBoth();
  let waitingBefore = -1;
  const beforeFreeing = async (refs: RequestRef[]) => {
    if (refs.length > 0) waitingBefore = (await outbox.counts("fal")).waiting;
  };
  const freed = await freeWorkOf("lease", "fal", { redis, outbox, onError, beforeFreeing });
  expect(freed).toEqual({ count: 2, refs: [ref("one"), ref("two")] });
  expect(waitingBefore).toBe(0);
  expect((await outbox.take("fal", "another", 10)).refs.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(freed.refs);
});

test("a living process gives back what it does not run, as after an answer that was lost with its connection", async () => {
  await takeBoth();
  const freed = await freeWorkOf("lease", "fal", { redis, outbox, onError, running: new Set(["one"]) });
  expect(freed).toEqual({ count: 1, refs: [ref("two")] });
  expect(await outbox.takenBy("fal", "lease")).toEqual([ref("one")]);
  expect(await outbox.counts("fal")).toEqual({ waiting: 1, active: 1 });
});

test("what another process has by now stays there", async () => {
  await takeBoth();
  expect(await freeWorkOf("another", "fal", { redis, outbox, onError })).toEqual({ count: 0, refs: [] });
  expect(await outbox.takenBy("fal", "lease")).toHaveLength(2);
});
