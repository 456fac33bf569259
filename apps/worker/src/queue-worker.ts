/** A BullMQ worker whose lock tokens name this process, and that knows which jobs it runs. */
import { isNotOurs, queuePrefix } from "@visgate/shared/queue";
import type { Logger } from "@visgate/shared/runtime";
import type { Gate, Redis } from "@visgate/shared/store";
import { type Job, Worker } from "bullmq";

export type { Worker };

export interface QueueWorkerOptions {
  redis: Redis;
  gate: Pick<Gate, "report" | "onWritable" | "untilWritable" | "untilTaken">;
  concurrency: number;
  lockDurationMs: number;
  /** The lease of this process. The token of each lock begins with it, so that other processes know the owner. */
  leaseId: string;
  running: RunningJobs;
  log: Logger;
}

/** By queue, what this process runs now: tokens of jobs, and ids of requests in their first step. */
export type RunningJobs = Map<string, Set<string>>;

/** The set of a queue, which its worker and its first steps share. */
export function runningIn(all: RunningJobs, queue: string): Set<string> {
  const known = all.get(queue) ?? new Set<string>();
  all.set(queue, known);
  return known;
}

/** BullMQ counts stalls over the whole life of a job, which may have thousands of polls. One crash must not end it. */
const MAX_STALLED_COUNT = 20;

/** What the log says when BullMQ refuses a call, because another process has moved the job. */
export const TAKEN_AWAY = "a job was taken over by another worker";

type Handler = (job: Job, token: string | undefined, signal: AbortSignal) => Promise<void>;

export function startWorker(queue: string, options: QueueWorkerOptions, handler: Handler): Worker {
  const { redis, gate, concurrency, lockDurationMs, leaseId, log } = options;
  const running = runningIn(options.running, queue);
  const never = new AbortController().signal;
  // BullMQ passes the signal only to a function that declares three parameters.
  const run = async (job: Job, token: string | undefined, signal: AbortSignal | undefined) => {
    running.add(token ?? "");
    // A step that runs again finds in the record what it has done already.
    const result = gate.untilTaken(() => handler(job, token, signal ?? never));
    return result.finally(() => running.delete(token ?? ""));
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
    if (isNotOurs(error)) return void log.info({ queue, err: error.message }, TAKEN_AWAY);
    const fault = gate.report(error);
    if (fault === null) log.warn({ queue, err: error.message }, "queue error");
    else if (fault.kind === "refuses") void holdBack(worker, gate);
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

/** Takes no jobs until Redis takes writes. BullMQ would ask for the next job at once, however often Redis refuses. */
async function holdBack(worker: Worker, gate: Pick<Gate, "untilWritable">): Promise<void> {
  if (worker.isPaused()) return;
  await worker.pause(true);
  await gate.untilWritable();
  if (worker.closing === undefined) await worker.resume();
}
