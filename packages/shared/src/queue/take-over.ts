/**
 * Frees the jobs of a dead worker process. The token of each lock begins with the id of its holder's lease, which tells
 * whose job it is. BullMQ's script moves a job only with the token of its lock: when several processes free the same
 * job, one of them succeeds, and a job that another worker runs by now is not moved. BullMQ counts no stall.
 */
import { ErrorCode, type Job, Queue } from "bullmq";
import type { RequestRef } from "../request/record.js";
import type { Redis } from "../store/connection/connect.js";
import { queuePrefix, wakeUp } from "./messages.js";

export interface Freed {
  /** How many jobs this call freed. They run next. */
  count: number;
  /** The requests or deliveries of these jobs. Maintenance jobs have none. */
  refs: RequestRef[];
}

export interface TakeOverOptions {
  redis: Redis;
  prefix?: string;
  /** For a living process: the tokens of the jobs, and the ids of the requests, that it runs. These are not moved. */
  running?: ReadonlySet<string>;
  /** Called before the jobs are freed, since another worker may run them at once. Several processes may call it. */
  beforeFreeing?(refs: RequestRef[]): Promise<void>;
  onError(error: Error): void;
}

/** The longest time between fetching and running: BullMQ may fetch hundreds of jobs before it runs the first. */
export const HANDED_OUT_MS = 3000;

export async function freeJobsOf(
  leaseId: string,
  queueName: string,
  { redis, prefix, running, beforeFreeing, onError }: TakeOverOptions,
): Promise<Freed> {
  const queue = new Queue(queueName, {
    ...{ connection: redis, prefix: queuePrefix(queueName, prefix) },
    ...{ skipWaitingForReady: true, skipVersionCheck: true, skipMetasUpdate: true },
  });
  queue.on("error", onError);
  try {
    const all = await heldBy(leaseId, queue, redis);
    if (running !== undefined && all.length > 0) await new Promise((resolve) => setTimeout(resolve, HANDED_OUT_MS));
    const held = all.filter(({ token }) => !running?.has(token));
    await beforeFreeing?.(held.flatMap(({ job }) => refOf(job)));
    const freed = await Promise.all(held.map(async ({ job, token }) => ((await free(job, token)) ? [job] : [])));
    const jobs = freed.flat();
    return { count: jobs.length, refs: jobs.flatMap(refOf) };
  } finally {
    await queue.close();
  }
}

interface Held {
  job: Job;
  token: string;
}

async function heldBy(leaseId: string, queue: Queue, redis: Redis): Promise<Held[]> {
  const active: (Job | undefined)[] = await queue.getActive();
  const jobs = active.filter((job) => job?.id !== undefined) as Job[];
  if (jobs.length === 0) return [];
  const tokens = await redis.mget(jobs.map((job) => `${queue.toKey(job.id ?? "")}:lock`));
  return jobs.flatMap((job, index) => {
    const token = tokens[index];
    return token?.startsWith(`${leaseId}:`) ? [{ job, token }] : [];
  });
}

/** False when the lock of the job does not have this token any more. */
async function free(job: Job, token: string): Promise<boolean> {
  try {
    await job.moveToWait(token);
    return true;
  } catch (error) {
    if (isNotOurs(error)) return false;
    throw error;
  }
}

function refOf({ data }: Job): RequestRef[] {
  const message = wakeUp.safeParse(data);
  return message.success ? [{ organization: message.data.organization, id: message.data.id }] : [];
}

const NOT_OURS = new Set<unknown>([ErrorCode.JobNotExist, ErrorCode.JobLockNotExist, ErrorCode.JobLockMismatch]);

/** Did BullMQ refuse to move a job because the caller does not hold its lock (any more)? */
export function isNotOurs(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOT_OURS.has(error.code);
}
