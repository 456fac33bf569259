import { ensureSchedules, MAINTENANCE_QUEUE, queuePrefix, SCHEDULES } from "@visgate/shared/queue";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { useTestRedis } from "../../../../tests/support/redis.js";
import { createTestWorker, type TestWorker } from "../../../../tests/support/worker.js";
import { wakeAfterSetBack } from "./set-back.js";

const SET_BACK_MS = 120_000;
const NAMES = ["sweep", "prune"] as const;
const server = useTestRedis();
let worker: TestWorker;
let redis: Redis;
beforeAll(async () => {
  worker = await createTestWorker(server.url);
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
});
afterAll(async () => {
  redis.disconnect();
  await worker.close();
});

const open = (name: string) => new Queue(name, { connection: redis, prefix: queuePrefix(name) });

test("Redis's clock set back: wakes every sleeping job, and the schedules continue from the new time", async () => {
  const [fal, maintenance] = [open("fal"), open(MAINTENANCE_QUEUE)];
  const next = (name: string) => maintenance.getJobScheduler(name).then((scheduler) => scheduler?.next ?? 0);
  const realNow = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + SET_BACK_MS);
  await ensureSchedules(redis, Date.now);
  for (const id of ["a", "b", "c"]) await fal.add("wake-up", {}, { jobId: id, delay: 1000 });
  vi.restoreAllMocks();
  for (const name of NAMES) expect(await next(name)).toBeGreaterThan(Date.now());
  await wakeAfterSetBack({ ...worker.deps, clock: { now: Date.now } }, redis);
  expect(await fal.getJobCounts("waiting", "delayed")).toEqual({ waiting: 3, delayed: 0 });
  for (const name of NAMES) expect(await next(name)).toBeLessThanOrEqual(Date.now() + SCHEDULES[name]);
  await Promise.all([fal.close(), maintenance.close()]);
});
