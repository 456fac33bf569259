import { randomUUID } from "node:crypto";
import { type JobsOptions, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestSignal } from "../../../../tests/support/signals.js";
import { until } from "../../../../tests/support/until.js";
import { MAINTENANCE_QUEUE, queuePrefix, WEBHOOKS_QUEUE, wakeUp } from "./messages.js";
import { createProducer, ensureSchedules, keepFewEvents, type Producer, SCHEDULES } from "./producer.js";
import { freeJobsOf } from "./take-over.js";

let server: TestRedis;
let redis: Redis;
let prefix: string;
let producer: Producer;
let queue: Queue;
const errors: Error[] = [];
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
});
beforeEach(() => {
  prefix = `t-${randomUUID()}`;
  producer = createProducer({ redis, prefix, onError: (error) => errors.push(error) });
  queue = new Queue("fal", { connection: redis, prefix: queuePrefix("fal", prefix) });
});
afterEach(async () => {
  await producer.close();
  await queue.close();
  expect(errors).toEqual([]);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const ref = () => ({ organization: "acme", id: randomUUID() });

describe("wake-ups", () => {
  test("carry a version and two ids, and no other field of the record", async () => {
    const record = { ...ref(), prompt: "private", input: { image: "data:..." }, providerKey: "secret" };
    await producer.wakeRequest("fal", record);
    const job = await queue.getJob(record.id);
    expect(job?.data).toEqual({ v: 1, organization: "acme", id: record.id });
    expect(wakeUp.safeParse(job?.data).success).toBe(true);
  });

  test("make one job per request, also when 100 come at once", async () => {
    const one = ref();
    await producer.wakeRequest("fal", one);
    await Promise.all(Array.from({ length: 100 }, () => producer.wakeRequest("fal", one)));
    expect(await producer.counts("fal")).toEqual({ waiting: 1, active: 0, delayed: 0, failed: 0 });
  });

  test("neither wake nor double a sleeping job", async () => {
    const { organization, id } = ref();
    await queue.add("wake-up", { v: 1, organization, id }, { jobId: id, delay: HOUR_MS });
    await producer.wakeRequest("fal", { organization, id });
    expect(await producer.counts("fal")).toMatchObject({ waiting: 0, delayed: 1 });
  });

  test("of sleeping jobs are counted by the time until they are due", async () => {
    for (const delayMs of [10_000, 20_000, HOUR_MS]) await producer.wakeRequest("fal", ref(), delayMs);
    const counts = [5000, 15_000, 25_000, 2 * HOUR_MS].map((ms) => producer.dueWithin("fal", ms));
    expect(await Promise.all(counts)).toEqual([0, 1, 2, 3]);
  });

  test("say how long the one that no worker takes is overdue", async () => {
    expect(await producer.lateMs("fal")).toBe(0);
    await producer.wakeRequest("fal", ref(), HOUR_MS);
    expect(await producer.lateMs("fal")).toBe(0);
    await producer.wakeRequest("fal", ref(), 1);
    await until("it to be overdue", async () => (await producer.lateMs("fal")) > 50);
    expect(await producer.lateMs("fal")).toBeLessThan(HOUR_MS);
  });

  test.each([
    { ends: "completed", process: async () => {} },
    { ends: "failed", process: () => Promise.reject(new Error("a bug")) },
  ])("wake a request again after its job $ends", async ({ process }) => {
    const one = ref();
    const ended = createTestSignal();
    const worker = new Worker("fal", process, {
      connection: redis.duplicate(),
      prefix: queuePrefix("fal", prefix),
      autorun: false,
    });
    worker.on("completed", ended.fire).on("failed", ended.fire);
    void worker.run();
    try {
      await producer.wakeRequest("fal", one);
      await ended.reached(1);
      await until("the job to be removed", async () => (await queue.getJob(one.id)) === undefined);
      await producer.wakeRequest("fal", one);
      await ended.reached(2);
    } finally {
      await worker.close();
    }
  });

  test("of deliveries go to the webhooks queue, of requests to their provider's", async () => {
    const id = `msg_${randomUUID()}`;
    await producer.wakeDelivery({ organization: "acme", id });
    await producer.wakeRequest("replicate", ref());
    expect(await producer.counts(WEBHOOKS_QUEUE)).toMatchObject({ waiting: 1 });
    expect(await producer.counts("replicate")).toMatchObject({ waiting: 1 });
    expect(await producer.counts("fal")).toMatchObject({ waiting: 0 });
  });
});

describe("nudge", () => {
  test("promotes only the named sleeping job", async () => {
    const [nudged, asleep] = [ref(), ref()];
    for (const { organization, id } of [nudged, asleep]) {
      await queue.add("wake-up", { v: 1, organization, id }, { jobId: id, delay: HOUR_MS });
    }
    await producer.nudge("fal", nudged.id);
    expect(await producer.counts("fal")).toMatchObject({ waiting: 1, delayed: 1 });
    expect(await (await queue.getJob(nudged.id))?.getState()).toBe("waiting");
  });

  /** Adds a job as `opts` say, then a backlog of six, nudges the job, and returns the ids in the order of their runs. */
  async function orderAfterNudge(id: string, opts: JobsOptions, prepare: () => Promise<unknown> = async () => {}) {
    await queue.add("wake-up", { v: 1, organization: "acme", id }, { jobId: id, ...opts });
    for (let n = 0; n < 6; n += 1) await producer.wakeRequest("fal", { organization: "acme", id: `backlog-${n}` });
    await prepare();
    await producer.nudge("fal", id);
    return runAll();
  }

  /** Takes and ends all jobs of the queue, one after the other. */
  async function runAll(): Promise<string[]> {
    const worker = new Worker("fal", null, { connection: redis, prefix: queuePrefix("fal", prefix), autorun: false });
    const ran: string[] = [];
    for (;;) {
      const job = await worker.getNextJob("t", { block: false });
      if (job === undefined) break;
      ran.push(job.id ?? "");
      await job.moveToCompleted(null, "t", false);
    }
    await worker.close();
    return ran;
  }

  test.each<{ what: string; opts: JobsOptions; prepare?: (id: string) => Promise<unknown> }>([
    { what: "a sleeping job", opts: { delay: HOUR_MS } },
    {
      what: "a job whose time has come, and that waits behind the others",
      opts: { delay: HOUR_MS },
      prepare: async (id) => (await queue.getJob(id))?.promote(),
    },
    { what: "a prioritized job", opts: { priority: 5 } },
  ])("puts $what before a backlog of six", async ({ opts, prepare }) => {
    const { id } = ref();
    const ran = await orderAfterNudge(id, opts, () => prepare?.(id) ?? Promise.resolve());
    expect(ran).toEqual([id, ...Array.from({ length: 6 }, (_, n) => `backlog-${n}`)]);
  });

  test("puts a job that ran while it was nudged before a backlog of six, once it sleeps again", async () => {
    const { id } = ref();
    const worker = new Worker("fal", null, { connection: redis, prefix: queuePrefix("fal", prefix), autorun: false });
    await producer.wakeRequest("fal", { organization: "acme", id });
    const job = await worker.getNextJob("t", { block: false });
    const nudged = producer.nudge("fal", id);
    for (let n = 0; n < 6; n += 1) await producer.wakeRequest("fal", { organization: "acme", id: `backlog-${n}` });
    await job?.moveToDelayed(Date.now() + HOUR_MS, "t");
    await nudged;
    await worker.close();
    expect((await runAll())[0]).toBe(id);
  });

  test("puts a follower of a withdrawn request first, also when its job had to be added", async () => {
    const one = ref();
    for (let n = 0; n < 6; n += 1) await producer.wakeRequest("fal", { organization: "acme", id: `backlog-${n}` });
    await producer.wakeRequest("fal", one);
    await producer.nudge("fal", one.id);
    expect((await runAll())[0]).toBe(one.id);
  });

  test("puts a job before those that were taken over from a dead worker", async () => {
    const [held, nudged] = [ref(), ref()];
    await producer.wakeRequest("fal", held);
    const taker = new Worker("fal", null, { connection: redis, prefix: queuePrefix("fal", prefix), autorun: false });
    await taker.getNextJob("dead:1", { block: false });
    for (let n = 0; n < 6; n += 1) await producer.wakeRequest("fal", { organization: "acme", id: `backlog-${n}` });
    await freeJobsOf("dead", "fal", { redis, prefix, onError: (error) => errors.push(error) });
    await producer.wakeRequest("fal", nudged);
    await producer.nudge("fal", nudged.id);
    await taker.close();
    expect((await runAll()).slice(0, 3)).toEqual([nudged.id, held.id, "backlog-0"]);
  });

  test("adds no job, and moves no other", async () => {
    const one = ref();
    await producer.wakeRequest("fal", one);
    await producer.nudge("fal", randomUUID());
    expect(await producer.counts("fal")).toEqual({ waiting: 1, active: 0, delayed: 0, failed: 0 });
  });

  test("promotes a job once when ten come at once", async () => {
    const { organization, id } = ref();
    await queue.add("wake-up", { v: 1, organization, id }, { jobId: id, delay: HOUR_MS });
    await Promise.all(Array.from({ length: 10 }, () => producer.nudge("fal", id)));
    expect(await producer.counts("fal")).toMatchObject({ waiting: 1, delayed: 0 });
  });
});

test("keepFewEvents: the events of many jobs do not stay in Redis", async () => {
  await keepFewEvents(redis, ["fal"], prefix);
  for (let n = 0; n < 300; n += 1) await producer.wakeRequest("fal", { organization: "acme", id: `job-${n}` });
  // Redis trims a stream by whole blocks of a hundred.
  expect(await redis.xlen(`${queuePrefix("fal", prefix)}:fal:events`)).toBeLessThan(150);
});

describe("removeStranded", () => {
  /** Runs `call` with a connection of a user who may not run this command. */
  async function refusing(command: string, call: (limited: Redis) => Promise<unknown>): Promise<void> {
    await redis.call("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", `-${command}`);
    const limited = new Redis(server.url.replace("//:test-password", "//limited:secret"), {
      maxRetriesPerRequest: null,
    });
    await expect(call(limited)).rejects.toThrow(/permission|can't run/);
    limited.disconnect();
  }

  test.each(["lpush", "zadd", "xadd"])("a job whose adding was refused at %s can be added again", async (command) => {
    const one = ref();
    await refusing(command, async (limited) => {
      const other = createProducer({ redis: limited, prefix, onError: () => {} });
      await other.wakeRequest("fal", one).finally(() => other.close());
    });
    await producer.removeStranded("fal", [one]);
    await producer.wakeRequest("fal", one);
    expect(await producer.counts("fal")).toEqual({ waiting: 1, active: 0, delayed: 0, failed: 0 });
  });

  test("a job that was lost on its way to sleep can be added again", async () => {
    const one = ref();
    await producer.wakeRequest("fal", one);
    const worker = new Worker("fal", null, { connection: redis, prefix: queuePrefix("fal", prefix), autorun: false });
    await worker.getNextJob("t", { block: false });
    await worker.close();
    await refusing("zadd", async (limited) => {
      const own = new Queue("fal", { connection: limited, prefix: queuePrefix("fal", prefix) });
      const job = await own.getJob(one.id);
      await job?.moveToDelayed(Date.now() + HOUR_MS, "t").finally(() => own.close());
    });
    await producer.wakeRequest("fal", one);
    expect(await producer.counts("fal")).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    await producer.removeStranded("fal", [one]);
    await producer.wakeRequest("fal", one);
    expect(await producer.counts("fal")).toMatchObject({ waiting: 1 });
  });

  test("leaves every other job as it is", async () => {
    const [waiting, asleep, runs] = [ref(), ref(), ref()];
    const worker = new Worker("fal", null, { connection: redis, prefix: queuePrefix("fal", prefix), autorun: false });
    await producer.wakeRequest("fal", runs);
    await worker.getNextJob("t", { block: false });
    await producer.wakeRequest("fal", waiting);
    await queue.add("wake-up", { v: 1, ...asleep }, { jobId: asleep.id, delay: HOUR_MS });
    await producer.removeStranded("fal", [waiting, asleep, runs, ref()]);
    expect(await producer.counts("fal")).toEqual({ waiting: 1, active: 1, delayed: 1, failed: 0 });
    await worker.close();
  });
});

describe("wakeUp", () => {
  test.each([
    { what: "another version", data: { v: 2, organization: "acme", id: "1" } },
    { what: "no version", data: { organization: "acme", id: "1" } },
    { what: "more than ids", data: { v: 1, organization: "acme", id: "1", prompt: "x" } },
    { what: "an empty id", data: { v: 1, organization: "acme", id: "" } },
    { what: "no data", data: undefined },
  ])("refuses $what", ({ data }) => {
    expect(wakeUp.safeParse(data).success).toBe(false);
  });
});

test("ensureSchedules: makes one schedule per job, however many workers call it", async () => {
  await Promise.all(Array.from({ length: 5 }, () => ensureSchedules(redis, Date.now)));
  await ensureSchedules(redis, Date.now);
  const maintenance = new Queue(MAINTENANCE_QUEUE, { connection: redis, prefix: queuePrefix(MAINTENANCE_QUEUE) });
  try {
    const schedulers = await maintenance.getJobSchedulers();
    expect(Object.fromEntries(schedulers.map(({ key, every }) => [key, Number(every)]))).toEqual(SCHEDULES);
    expect(await maintenance.getJobCountByTypes("delayed", "waiting")).toBe(Object.keys(SCHEDULES).length);
  } finally {
    await maintenance.close();
  }
});
