/** Turns the outcomes of jobs into BullMQ calls (first-steps.ts: those of new requests). A sleeping request holds no slot: its job waits in the queue. */
import { baseOf, isNotOurs, wakeUp } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import { DelayedError } from "bullmq";
import type { Outcome } from "./outcome.js";
import { type QueueWorkerOptions, startWorker, TAKEN_AWAY, type Worker } from "./queue-worker.js";

export interface ConsumeOptions extends QueueWorkerOptions {
  now: () => number;
}

/** `queue`: without its shard. */
export type Process = (ref: RequestRef, signal: AbortSignal, queue: string) => Promise<Outcome>;

export function consume(queue: string, process: Process, options: ConsumeOptions): Worker {
  return startWorker(queue, options, async (job, token, signal) => {
    const message = wakeUp.safeParse(job.data);
    if (!message.success) {
      options.log.error({ queue, jobId: job.id }, "a job without a valid wake-up was dropped");
      return;
    }
    const { organization, id } = message.data;
    const outcome = await process({ organization, id }, signal, baseOf(queue));
    if (outcome.kind === "finish") return;
    const delayMs = outcome.kind === "sleep" ? outcome.delayMs : 1;
    const move = () => job.moveToDelayed(options.now() + delayMs, token);
    await options.gate.untilTaken(move).catch((error) => {
      // Another worker has taken the job over, so BullMQ refuses to move it. That worker does the rest.
      if (!isNotOurs(error)) throw error;
      options.log.info({ queue, err: error.message }, TAKEN_AWAY);
    });
    throw new DelayedError();
  });
}
