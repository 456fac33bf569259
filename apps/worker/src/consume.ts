/** The only place where outcomes become BullMQ calls. A sleeping request holds no slot: its job waits in the queue. */

import { isNotOurs, queuePrefix, wakeUp } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import type { Logger } from "@visgate/shared/runtime";
import type { Redis } from "@visgate/shared/store";
import { DelayedError, type Job, Worker } from "bullmq";
import type { Outcome } from "./outcome.js";

export type { Worker };

export interface ConsumeOptions {
  redis: Redis;
  concurrency: number;
  lockDurationMs: number;
  /** The lease of this process. The token of each lock begins with it, so that other processes know the owner. */
  leaseId: string;
  /** By queue: the tokens of the jobs that this process runs now. */
  running: RunningJobs;
  now: () => number;
  log: Logger;
}

export type RunningJobs = Map<string, Set<string>>;

/** BullMQ counts stalls over the whole life of a job, which may have thousands of polls. One crash must not end it. */
const MAX_STALLED_COUNT = 20;

const TAKEN_AWAY = "a job was taken over by another worker";

export type Process = (ref: RequestRef, signal: AbortSignal) => Promise<Outcome>;

export function consume(queue: string, process: Process, options: ConsumeOptions): Worker {
  return startWorker(queue, options, async (job, token, signal) => {
    const message = wakeUp.safeParse(job.data);
    if (!message.success) {
      options.log.error({ queue, jobId: job.id }, "a job without a valid wake-up was dropped");
      return;
    }
    const { organization, id } = message.data;
    const outcome = await process({ organization, id }, signal);
    if (outcome.kind === "finish") return;
    const delayMs = outcome.kind === "sleep" ? outcome.delayMs : 1;
    await job.moveToDelayed(options.now() + delayMs, token).catch((error) => {
      // Another worker has taken the job over, so BullMQ refuses to move it. That worker does the rest.
      if (!isNotOurs(error)) throw error;
      options.log.info({ queue, err: error.message }, TAKEN_AWAY);
    });
    throw new DelayedError();
  });
}

type Handler = (job: Job, token: string | undefined, signal: AbortSignal) => Promise<void>;

export function startWorker(queue: string, options: ConsumeOptions, handler: Handler): Worker {
  const { redis, concurrency, lockDurationMs, leaseId, log } = options;
  const running = new Set<string>();
  options.running.set(queue, running);
  const never = new AbortController().signal;
  // BullMQ passes the signal only to a function that declares three parameters.
  const run = async (job: Job, token: string | undefined, signal: AbortSignal | undefined) => {
    running.add(token ?? "");
    return handler(job, token, signal ?? never).finally(() => running.delete(token ?? ""));
  };
  const worker = new Worker(queue, run, {
    connection: redis,
    prefix: queuePrefix(queue),
    concurrency,
    lockDuration: lockDurationMs,
    stalledInterval: lockDurationMs / 2,
    maxStalledCount: MAX_STALLED_COUNT,
    autorun: false,
  });
  // Lock tokens begin with the worker's id, which BullMQ sets at random and declares read-only. No job runs yet.
  Object.assign(worker, { id: leaseId });
  worker.on("error", (error) => {
    if (isNotOurs(error)) log.info({ queue, err: error.message }, TAKEN_AWAY);
    else log.warn({ queue, err: error.message }, "queue error");
  });
  worker.on("failed", (job, error) =>
    log.error({ queue, jobId: job?.id, err: error }, "a step failed; the sweeper will wake it"),
  );
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) worker.cancelJob(id, "lock lost");
  });
  worker.run().catch((error) => worker.emit("error", error));
  return worker;
}
