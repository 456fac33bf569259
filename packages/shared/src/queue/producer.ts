/**
 * Puts jobs into BullMQ. A wake-up has the id of its request or delivery as job id, so a second one does nothing. Queues
 * are named without their shards, except where it says so.
 */
import { ErrorCode, type Job, Queue } from "bullmq";
import type { RequestRef } from "../request/record.js";
import type { Logger } from "../runtime/log.js";
import type { Redis } from "../store/connection/connect.js";
import { unlessDenied } from "../store/connection/safety.js";
import { MAINTENANCE_QUEUE, queuePrefix, type WakeUp, WEBHOOKS_QUEUE } from "./messages.js";
import { type Shards, UNSHARDED } from "./shards.js";
import { removeStranded } from "./stranded.js";

export interface ProducerOptions {
  redis: Redis;
  prefix?: string;
  shards?: Shards;
  onError(error: Error): void;
}

/** Ended jobs are removed: a job with the same id that stays in Redis would make a later wake-up do nothing. */
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 } as const;

/** BullMQ sorts sleeping jobs by their time, in so many parts of a millisecond. */
const SCORES_PER_MS = 4096;

/** The sum is longer than a submit or a poll may take. */
const NUDGE_WAITS_MS = [20, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 12_800];
/** A request whose first step runs has no job yet. So many waits are longer than the rest of that step takes. */
const WAITS_FOR_JOB = 5;

export function createProducer({ redis, prefix, shards = UNSHARDED, onError }: ProducerOptions) {
  const queues = new Map<string, Queue<WakeUp, unknown, "wake-up">>();

  /** `name`: of a shard. */
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

  /** Wakes a request (in its provider's queue) or a delivery. A job that exists already stays as it is. */
  async function wake(queue: string, { organization, id }: RequestRef, delayMs = 0): Promise<void> {
    const [place, ...others] = shards.placesOf(queue, id);
    for (const other of others) if ((await redis.exists(queueOf(other).toKey(id))) === 1) return;
    const options = { ...JOB_OPTIONS, jobId: id, delay: delayMs };
    await queueOf(place).add("wake-up", { v: 1, organization, id }, options);
  }

  /** Where the job of this id is, if there is one. */
  async function find(queue: string, id: string): Promise<Job | undefined> {
    for (const place of shards.placesOf(queue, id)) {
      const job: Job | undefined = await queueOf(place).getJob(id);
      if (job !== undefined) return job;
    }
    return undefined;
  }

  const ofAll = <T>(queue: string, ask: (shard: Queue) => Promise<T>): Promise<T[]> =>
    Promise.all(shards.namesOf(queue).map((name) => ask(queueOf(name))));

  const shardCounts = (shard: string): Promise<Record<string, number>> =>
    queueOf(shard).getJobCounts("waiting", "active", "delayed", "failed");

  return {
    shards,

    /** `delayMs`: how long the job sleeps first. Default: 0. */
    wakeRequest: wake,
    wakeDelivery: (ref: RequestRef) => wake(WEBHOOKS_QUEUE, ref),

    /** After this, a wake-up of one of these is not ignored because of a job that no worker ever gets. */
    async removeStranded(queue: string, refs: readonly RequestRef[]): Promise<void> {
      const of = new Map<string, RequestRef[]>();
      for (const ref of refs) {
        for (const place of shards.placesOf(queue, ref.id)) of.set(place, [...(of.get(place) ?? []), ref]);
      }
      for (const [place, own] of of) await removeStranded(queueOf(place), own);
    },

    /**
     * Puts a sleeping or waiting job first in line. A running job may have made its poll already, so this waits until it
     * sleeps again. A job that no longer exists needs no nudge.
     */
    async nudge(queue: string, id: string): Promise<void> {
      for (const [waits, waitMs] of NUDGE_WAITS_MS.entries()) {
        const job = await find(queue, id);
        const state = (await job?.getState()) ?? "unknown";
        if (job !== undefined && state !== "unknown" && state !== "active") return putFirst(job);
        if (state === "unknown" && waits >= WAITS_FOR_JOB) return;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    },

    /** Wakes all sleeping jobs. */
    async promoteAll(queue: string): Promise<void> {
      await ofAll(queue, (shard) => shard.promoteJobs());
    },

    /** The number of sleeping jobs. */
    sleeping: async (queue: string): Promise<number> => sum(await ofAll(queue, (shard) => shard.getDelayedCount())),

    /** The number of jobs that will have slept enough within `ms`. */
    async dueWithin(queue: string, ms: number): Promise<number> {
      const until = (Date.now() + ms) * SCORES_PER_MS;
      return sum(await ofAll(queue, ({ keys }) => redis.zcount(keys["delayed"] ?? "", "-inf", until)));
    },

    /** How long the sleeping job that is overdue longest has been so, in ms; 0 when none is. */
    async lateMs(queue: string): Promise<number> {
      const late = await ofAll(queue, async ({ keys }) => {
        const [, score] = await redis.zrange(keys["delayed"] ?? "", "0", "0", "WITHSCORES");
        return score === undefined ? 0 : Math.round(Date.now() - Number(score) / SCORES_PER_MS);
      });
      return Math.max(0, ...late);
    },

    /** The number of jobs per state. */
    async counts(queue: string): Promise<Record<string, number>> {
      const all = await Promise.all(shards.namesOf(queue).map(shardCounts));
      return Object.fromEntries(
        Object.keys(all[0] ?? {}).map((state) => [state, sum(all.map((one) => one[state] ?? 0))]),
      );
    },

    /** The number of jobs of one shard per state. */
    shardCounts,

    /** The number of processes that take jobs of this queue; null when Redis does not list its connections. */
    async workers(queue: string): Promise<number | null> {
      const connected = await unlessDenied(() => queueOf(queue).getWorkers());
      // If the server does not know the command, BullMQ returns one entry that is not a connection.
      return connected?.every((one) => "rawname" in one) ? connected.length : null;
    },

    async close(): Promise<void> {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

const sum = (numbers: number[]): number => numbers.reduce((all, one) => all + one, 0);

/**
 * A promoted job goes behind all that wait, so it is moved once more. Each call does nothing if the job has moved
 * meanwhile: its time has come, a worker runs it, or it has ended.
 */
async function putFirst(job: Job): Promise<void> {
  await unlessMoved(job.promote());
  await unlessMoved(job.changePriority({ priority: 0, lifo: true }));
}

const MOVED = new Set<unknown>([ErrorCode.JobNotExist, ErrorCode.JobNotInState]);

async function unlessMoved(done: Promise<void>): Promise<void> {
  await done.catch((error) => {
    if (!(error instanceof Error && "code" in error && MOVED.has(error.code))) throw error;
  });
}

export type Producer = ReturnType<typeof createProducer>;

/** Wakes a worker for the deliveries that a transition created. The sweeper finds those whose wake-up gets lost. */
export function createDeliveryWaker(producer: Pick<Producer, "wakeDelivery">, log: Logger) {
  return (deliveries: RequestRef[]): void => {
    for (const delivery of deliveries) {
      producer.wakeDelivery(delivery).catch((error) => {
        log.warn({ err: error, deliveryId: delivery.id }, "a wake-up was not enqueued; the sweeper will send one");
      });
    }
  };
}

/** BullMQ writes an event at every move of a job, and keeps 10,000 of each queue. Nothing here reads them. */
const FEW_EVENTS = { streams: { events: { maxLen: 10 } } };

export async function keepFewEvents(redis: Redis, queues: readonly string[], prefix?: string): Promise<void> {
  for (const name of queues) {
    const queue = new Queue(name, { connection: redis, prefix: queuePrefix(name, prefix), ...FEW_EVENTS });
    await queue.waitUntilReady();
    await queue.close();
  }
}

/** How often the maintenance jobs run, in milliseconds. */
export const SCHEDULES = { sweep: 5000, alerts: 15_000, prune: 3_600_000 } as const;
export type ScheduleName = keyof typeof SCHEDULES;

/**
 * Creates one schedule per maintenance job, however many workers call this. A schedule that runs too late, since a clock
 * was set back, begins again.
 */
export async function ensureSchedules(redis: Redis, now: () => number): Promise<void> {
  const options = { connection: redis, prefix: queuePrefix(MAINTENANCE_QUEUE), ...FEW_EVENTS };
  const queue = new Queue(MAINTENANCE_QUEUE, options);
  const opts = { removeOnComplete: true, removeOnFail: true };
  for (const [name, every] of Object.entries(SCHEDULES)) {
    const next = (await queue.getJobScheduler(name))?.next ?? 0;
    if (next > now() + every) await queue.removeJobScheduler(name);
    await queue.upsertJobScheduler(name, { every }, { name, opts });
  }
  await queue.close();
}
