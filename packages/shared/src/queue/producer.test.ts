import { randomUUID } from "node:crypto";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestSignal } from "../../../../tests/support/signals.js";
import { until } from "../../../../tests/support/until.js";
import { MAINTENANCE_QUEUE, queuePrefix, WEBHOOKS_QUEUE, wakeUp } from "./messages.js";
import { createProducer, ensureSchedules, type Producer, SCHEDULES } from "./producer.js";

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

  test("changes nothing for a job that waits or does not exist", async () => {
    const one = ref();
    await producer.wakeRequest("fal", one);
    await producer.nudge("fal", one.id);
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
  await Promise.all(Array.from({ length: 5 }, () => ensureSchedules(redis)));
  await ensureSchedules(redis);
  const maintenance = new Queue(MAINTENANCE_QUEUE, { connection: redis, prefix: queuePrefix(MAINTENANCE_QUEUE) });
  try {
    const schedulers = await maintenance.getJobSchedulers();
    expect(Object.fromEntries(schedulers.map(({ key, every }) => [key, Number(every)]))).toEqual(SCHEDULES);
    expect(await maintenance.getJobCountByTypes("delayed", "waiting")).toBe(2);
  } finally {
    await maintenance.close();
  }
});
