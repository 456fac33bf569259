/** The queues, and what a job carries. The record is the truth; a job only wakes a worker. */
import { z } from "zod";
import { tagOf } from "./shard-name.js";

// One queue per provider, so that trouble at one provider does not hold up another, and two queues of our own.
export const WEBHOOKS_QUEUE = "webhooks";
export const MAINTENANCE_QUEUE = "maintenance";

/** The BullMQ keys of a queue or shard share a hash tag of their own, so that they spread over a cluster. */
export function queuePrefix(queue: string, prefix = "vg"): string {
  return `{${tagOf(queue, prefix)}}`;
}

/** The data of a job: a version and the ids of a request or delivery. */
export const wakeUp = z.strictObject({
  v: z.literal(1),
  organization: z.string().min(1),
  id: z.string().min(1),
});
export type WakeUp = z.infer<typeof wakeUp>;
