import { randomUUID } from "node:crypto";
import { type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../tests/support/redis.js";
import { createTestSignal } from "../../../../tests/support/signals.js";
import { queuePrefix } from "./messages.js";
import { freeJobsOf } from "./take-over.js";

let server: TestRedis;
let redis: Redis;
let prefix: string;
let queue: Queue;
let taker: Worker;
beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
});
beforeEach(() => {
  prefix = `t-${randomUUID()}`;
  queue = new Queue("fal", { connection: redis, prefix: queuePrefix("fal", prefix) });
  taker = new Worker("fal", null, { connection: redis, prefix: queuePrefix("fal", prefix), autorun: false });
});
afterEach(async () => {
  await Promise.all([queue.close(), taker.close()]);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const free = (leaseId: string, running?: Set<string>) =>
  freeJobsOf(leaseId, "fal", {
    ...{ redis, prefix, ...(running && { running }) },
    onError: (error) => {
      throw error;
    },
  });

let tokens = 0;

/** `count` jobs that run with locks of this lease. */
async function held(leaseId: string, count: number): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let n = 0; n < count; n += 1) {
    const id = randomUUID();
    await queue.add("wake-up", { v: 1, organization: "acme", id }, { jobId: id });
    const job = await taker.getNextJob(`${leaseId}:${tokens++}`);
    if (job === undefined) throw new Error("there is a job");
    jobs.push(job);
  }
  return jobs;
}
const refsOf = (jobs: Job[]) => jobs.map(({ id }) => ({ organization: "acme", id }));
const byId = (one: { id?: string | undefined }, other: { id?: string | undefined }) =>
  String(one.id).localeCompare(String(other.id));

describe("freeJobsOf: a dead process", () => {
  test("moves only the jobs of that process, and returns their requests", async () => {
    const [dead, alive, alike] = [await held("dead", 5), await held("alive", 3), await held("dead-2", 2)];
    const { count, refs } = await free("dead");
    expect(count).toBe(5);
    expect(refs.toSorted(byId)).toEqual(refsOf(dead).toSorted(byId));
    expect(await queue.getJobCounts("waiting", "active")).toEqual({ waiting: 5, active: 5 });
    for (const job of [...alive, ...alike]) expect(await job.getState()).toBe("active");
  });

  test("four concurrent processes free each job once", async () => {
    const dead = await held("dead", 40);
    const freed = await Promise.all(Array.from({ length: 4 }, () => free("dead")));
    expect(freed.flatMap(({ refs }) => refs).toSorted(byId)).toEqual(refsOf(dead).toSorted(byId));
    expect(await queue.getJobCounts("waiting", "active")).toEqual({ waiting: 40, active: 0 });
    expect(await free("dead")).toEqual({ count: 0, refs: [] });
  });

  test("a freed job runs at once on a waiting worker, without a stall", async () => {
    const [dead] = await held("dead", 1);
    await queue.add("wake-up", { v: 1, organization: "acme", id: "waiting" }, { jobId: "waiting" });
    const ran: Job[] = [];
    const started = createTestSignal();
    const waits = { connection: redis, prefix: queuePrefix("fal", prefix), maxStalledCount: 0 };
    const worker = new Worker(
      "fal",
      async (job) => {
        ran.push(job);
        started.fire();
      },
      waits,
    );
    try {
      await started.reached(1);
      await free("dead");
      await started.reached(2, 1_000);
      expect(ran.map(({ id }) => id)).toEqual(["waiting", dead?.id]);
      expect(ran.map(({ stalledCounter }) => stalledCounter)).toEqual([0, 0]);
    } finally {
      await worker.close();
    }
  });

  test("the process that held the job can neither move nor end it afterwards", async () => {
    const [job] = await held("dead", 1);
    const token = job?.token ?? "";
    await free("dead");
    for (const state of ["waiting", "active"]) {
      expect(await job?.getState()).toBe(state);
      await expect(job?.moveToDelayed(Date.now() + 60_000, token)).rejects.toThrow(/lock/i);
      await expect(job?.moveToCompleted(null, token, false)).rejects.toThrow(/lock/i);
      await expect(job?.moveToFailed(new Error("late"), token, false)).rejects.toThrow(/lock/i);
      expect(await job?.getState()).toBe(state);
      if (state === "waiting") await taker.getNextJob("alive:1");
    }
    expect(await redis.get(`${queue.toKey(job?.id ?? "")}:lock`)).toBe("alive:1");
  });

  test("a maintenance job is freed too, and returns no request", async () => {
    await queue.add("sweep", {});
    await taker.getNextJob("dead:1");
    expect(await free("dead")).toEqual({ count: 1, refs: [] });
  });
});

test("freeJobsOf: of a living process only the jobs that it does not run are freed", async () => {
  const [lost, runs] = [await held("alive", 2), await held("alive", 3)];
  const running = new Set(runs.map(({ token }) => token ?? ""));
  const freed = await free("alive", running);
  expect(freed.refs.toSorted(byId)).toEqual(refsOf(lost).toSorted(byId));
  expect(await queue.getActiveCount()).toBe(3);
});
