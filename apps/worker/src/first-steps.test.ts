import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createProducer } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import { createLogger } from "@visgate/shared/runtime";
import { connectPatient, createStore, type Gate, type Store } from "@visgate/shared/store";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { useTestRedis } from "../../../tests/support/redis.js";
import { createTestClock } from "../../../tests/support/signals.js";
import { until } from "../../../tests/support/until.js";
import type { Process } from "./consume.js";
import { runFirstSteps } from "./first-steps.js";
import { advance, finish, sleep } from "./outcome.js";
import type { RunningJobs } from "./queue-worker.js";

const server = useTestRedis();
let redis: Redis;
let store: Store;
let queue: Queue;
let lines: string[];
beforeEach(async () => {
  redis = new Redis(server.url);
  await redis.flushall();
  store = createStore({ redis, clock: createTestClock() });
  queue = new Queue("fal", { connection: redis, prefix: "{vg-fal}" });
  lines = [];
});
afterEach(async () => {
  await queue.close();
  redis.disconnect();
});

const ref = (id: string = randomUUID()): RequestRef => ({ organization: "acme", id });
const log = createLogger({
  ...{ level: "info", service: "worker", secretNames: [] },
  destination: { write: (line: string) => void lines.push(line) },
});
const states = async (refs: RequestRef[]) => Promise.all(refs.map(({ id }) => queue.getJobState(id)));

/** A Redis that always takes writes. */
const gate: Pick<Gate, "report" | "untilWritable" | "untilTaken"> = {
  report: () => null,
  untilWritable: async () => {},
  untilTaken: (run) => run(),
};

function start(process: Process, { concurrency = 10, leaseId = "lease" } = {}) {
  const producer = createProducer({ redis, onError: () => {} });
  const blocking = connectPatient(server.url);
  const running: RunningJobs = new Map();
  const steps = runFirstSteps(["fal", "runway"], process, {
    ...{ outbox: store.outbox, blocking, producer, gate, concurrency, leaseId, running, log },
  });
  onTestFinished(async () => {
    await steps.close();
    await producer.close();
  });
  return { steps, blocking, running };
}

/** A step that runs until it is told its outcome. */
function heldSteps() {
  const begun: RequestRef[] = [];
  const ends: ((outcome: Awaited<ReturnType<Process>>) => void)[] = [];
  const process: Process = (one) => {
    begun.push(one);
    return new Promise((resolve) => ends.push(resolve));
  };
  return { begun, process, end: (outcome: Awaited<ReturnType<Process>>) => ends.shift()?.(outcome) };
}

test("a new request is begun at once, and has a sleeping job when its step ends; until then it is noted as taken", async () => {
  const { begun, process, end } = heldSteps();
  const { running } = start(process);
  const one = ref();
  await store.outbox.push("fal", one);
  await until("the step", () => begun.length > 0);
  expect(begun).toEqual([one]);
  expect(await store.outbox.takenBy("fal", "lease")).toEqual([one]);
  expect(await queue.getJob(one.id)).toBeUndefined();
  expect(running.get("fal")).toEqual(new Set([one.id]));
  end(sleep(60_000));
  await until("the job", async () => (await queue.getDelayedCount()) === 1);
  await until("the note to go", async () => (await store.outbox.counts("fal")).active === 0);
  await until("the step to be over", () => running.get("fal")?.size === 0);
  expect(await queue.getJob(one.id)).toMatchObject({ data: { v: 1, ...one }, opts: { delay: 60_000 } });
});

test("a request that ended in its first step has no job; one that must go on at once has one that waits", async () => {
  const outcomes = new Map([
    ["ended", finish],
    ["goes-on", advance],
  ]);
  start(async ({ id }) => outcomes.get(id) ?? finish);
  await Promise.all([store.outbox.push("fal", ref("ended")), store.outbox.push("fal", ref("goes-on"))]);
  await until("the job", async () => (await queue.getWaitingCount()) === 1);
  await until("the notes to go", async () => (await store.outbox.counts("fal")).active === 0);
  expect(await states([ref("ended"), ref("goes-on")])).toEqual(["unknown", "waiting"]);
});

test("a busy process makes jobs of the rest, which the first worker with a free slot runs", async () => {
  const { begun, process, end } = heldSteps();
  start(process, { concurrency: 2 });
  const refs = Array.from({ length: 5 }, () => ref());
  await Promise.all(refs.map((one) => store.outbox.push("fal", one)));
  await until("the jobs", async () => (await queue.getWaitingCount()) === 3);
  expect(begun).toHaveLength(2);
  for (const _ of begun) end(finish);
  await until("the notes to go", async () => (await store.outbox.counts("fal")).active === 0);
});

test("a queue with much to do does not hold up another one", async () => {
  const begun: string[] = [];
  start(async ({ id }) => {
    begun.push(id);
    return finish;
  });
  let isOver = false;
  const flooding = (async () => {
    for (let n = 0; !isOver; n += 1)
      await Promise.all(Array.from({ length: 100 }, (_, at) => store.outbox.push("fal", ref(`fal-${n}-${at}`))));
  })();
  await until("the flood", () => begun.length > 500);
  await store.outbox.push("runway", ref("the-single-one"));
  await until("it", () => begun.includes("the-single-one"), 10_000);
  isOver = true;
  await flooding;
});

test("a step that fails is logged, and the process goes-on", async () => {
  const seen: string[] = [];
  start(async ({ id }) => {
    seen.push(id);
    if (id === "fails") throw new Error("no such step");
    return finish;
  });
  await store.outbox.push("fal", ref("fails"));
  await store.outbox.push("runway", ref("works"));
  await until("both", () => seen.length === 2);
  await until("the note to go", async () => (await store.outbox.counts("fal")).active === 0);
  expect(lines.filter((line) => line.includes("no such step"))).toHaveLength(1);
});

test("a ring that was lost with its process delays a request by a second at most", async () => {
  await store.outbox.push("fal", ref("unheard"));
  await redis.del(store.keys.outboxBell("fal"));
  const { begun, process, end } = heldSteps();
  start(process);
  await until("the step", () => begun.length > 0, 5000);
  end(finish);
});

test("close: waits for the running steps and their jobs, and takes no others", async () => {
  const { begun, process, end } = heldSteps();
  const { steps, blocking } = start(process);
  await store.outbox.push("fal", ref("runs"));
  await until("the step", () => begun.length > 0);
  let isClosed = false;
  const ended = once(blocking, "end");
  const closed = steps.close().then(() => {
    isClosed = true;
  });
  await ended;
  await store.outbox.push("fal", ref("later"));
  expect(isClosed).toBe(false);
  end(sleep(60_000));
  await closed;
  expect(await states([ref("runs")])).toEqual(["delayed"]);
  expect(await store.outbox.counts("fal")).toEqual({ waiting: 1, active: 0 });
});
