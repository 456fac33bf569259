/** Puts wake-ups into BullMQ. The job id is the request's or delivery's own id: a second wake-up is a no-op. */

import { type Job, Queue } from "bullmq";
import type { RequestRef } from "../request/record.js";
import type { Logger } from "../runtime/log.js";
import type { Redis } from "../store/connection/connect.js";
import { unlessDenied } from "../store/connection/safety.js";
import type { WakeUp } from "./messages.js";
import { queuePrefix, WEBHOOKS_QUEUE } from "./names.js";

export interface ProducerOptions {
  redis: Redis;
  prefix?: string;
  onError(error: Error): void;
}

/** The record stays; a job that ended leaves nothing behind that would make a later wake-up a no-op. */
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 } as const;

/** Together longer than a submit or a poll may take. */
const NUDGE_WAITS_MS = [20, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 12_800];

export function createProducer({ redis, prefix, onError }: ProducerOptions) {
  const queues = new Map<string, Queue<WakeUp, unknown, "wake-up">>();

  function queueOf(name: string): Queue<WakeUp, unknown, "wake-up"> {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue<WakeUp, unknown, "wake-up">(name, {
      connection: redis,
      prefix: queuePrefix(name, prefix),
      skipWaitingForReady: true,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    queue.on("error", onError);
    queues.set(name, queue);
    return queue;
  }

  async function wake(queue: string, { organization, id }: RequestRef): Promise<void> {
    await queueOf(queue).add("wake-up", { v: 1, organization, id }, { ...JOB_OPTIONS, jobId: id });
  }

  return {
    wakeRequest: (provider: string, ref: RequestRef) => wake(provider, ref),
    wakeDelivery: (ref: RequestRef) => wake(WEBHOOKS_QUEUE, ref),

    /**
     * Promotes a sleeping job so that a worker looks now. A job that is at work may have looked already: it is given a
     * moment to fall asleep. A job that waits or is gone needs no nudge.
     */
    async nudge(queue: string, id: string): Promise<void> {
      for (const waitMs of NUDGE_WAITS_MS) {
        const job: Job | undefined = await queueOf(queue).getJob(id);
        const state = await job?.getState();
        if (state === "delayed") return job?.promote().catch(() => {});
        if (state !== "active") return;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    },

    /** Jobs that wait for their time. */
    sleeping: (queue: string): Promise<number> => queueOf(queue).getDelayedCount(),

    /** Jobs per state of one queue. */
    counts: (queue: string): Promise<Record<string, number>> =>
      queueOf(queue).getJobCounts("waiting", "active", "delayed", "failed"),

    /** Processes that take this queue's jobs now; null where Redis does not tell who is connected. */
    async workers(queue: string): Promise<number | null> {
      const connected = await unlessDenied(() => queueOf(queue).getWorkers());
      // Of a server that does not know the command BullMQ answers one line that is no connection.
      return connected?.every((one) => "rawname" in one) ? connected.length : null;
    },

    async close(): Promise<void> {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

export type Producer = ReturnType<typeof createProducer>;

/** Whoever makes a transition wakes a worker for the deliveries it gave birth to; what gets lost the sweeper finds. */

export function createDeliveryWaker(producer: Pick<Producer, "wakeDelivery">, log: Logger) {
  return (deliveries: RequestRef[]): void => {
    for (const delivery of deliveries) {
      producer.wakeDelivery(delivery).catch((error) => {
        log.warn({ err: error, deliveryId: delivery.id }, "a wake-up was not enqueued; the sweeper will send one");
      });
    }
  };
}
