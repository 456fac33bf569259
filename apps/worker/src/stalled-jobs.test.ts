/** A job whose workers crashed many times is still run: BullMQ counts stalls over the whole life of a job. */

import { queuePrefix } from "@visgate/shared/queue";
import { createLogger } from "@visgate/shared/runtime";
import { connectPatient, createGate, type Redis } from "@visgate/shared/store";
import { Queue, Worker } from "bullmq";
import { afterAll, beforeAll, expect, it } from "vitest";
import { useTestRedis } from "../../../tests/support/redis.js";
import { createTestSignal } from "../../../tests/support/signals.js";
import { startWorker } from "./queue-worker.js";

const QUEUE = "stalls";
const LOCK_MS = 1000;

const server = useTestRedis();
let redis: Redis;
beforeAll(async () => {
  redis = connectPatient(server.url);
});
afterAll(async () => {
  redis.disconnect();
});

it.each([1, 5, 15])("a job that stalled %i times before: is run when its worker dies once more", async (stalls) => {
  const connection = { connection: redis, prefix: queuePrefix(QUEUE) };
  const queue = new Queue(QUEUE, connection);
  const job = await queue.add("wake-up", {}, { jobId: `stalled-${stalls}-times` });
  // A worker that takes the job and dies: its lock runs out.
  const dead = new Worker(QUEUE, null, { ...connection, lockDuration: LOCK_MS });
  await dead.getNextJob("token of the dead worker");
  await redis.hset(queue.toKey(job.id ?? ""), "stc", stalls);
  const ran = createTestSignal();
  const worker = startWorker(
    QUEUE,
    {
      ...{ redis, gate: createGate(redis), concurrency: 1, lockDurationMs: LOCK_MS },
      ...{ leaseId: "living", running: new Map() },
      log: createLogger({ level: "silent", service: "worker", secretNames: [] }),
    },
    async () => ran.fire(),
  );
  await ran.reached(1);
  expect(ran.count()).toBe(1);
  await worker.close();
  await dead.close();
  await queue.close();
});
