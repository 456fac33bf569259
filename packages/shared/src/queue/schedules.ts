/** The two jobs that come by themselves: one schedule each, however many workers ask for it. */
import { Queue } from "bullmq";
import type { Redis } from "../store/connection/connect.js";
import { MAINTENANCE_QUEUE, queuePrefix } from "./names.js";

export const SCHEDULES = { sweep: 5000, prune: 3_600_000 } as const;
export type ScheduleName = keyof typeof SCHEDULES;

export async function ensureSchedules(redis: Redis): Promise<void> {
  const queue = new Queue(MAINTENANCE_QUEUE, { connection: redis, prefix: queuePrefix(MAINTENANCE_QUEUE) });
  const opts = { removeOnComplete: true, removeOnFail: true };
  for (const [name, every] of Object.entries(SCHEDULES))
    await queue.upsertJobScheduler(name, { every }, { name, opts });
  await queue.close();
}
