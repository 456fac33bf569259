/**
 * Jobs that no worker ever gets. BullMQ's scripts move a job in several writes. When Redis refuses one of them to its
 * user, the job exists but is in no list any more, and a wake-up with its id does nothing because the job exists.
 */
import type { Queue } from "bullmq";
import type { RequestRef } from "../request/record.js";

/** With more jobs than this in the queue, reading their ids would take too long. The backlog has to shrink first. */
const MAX_READ = 20_000;

/** Removes those of these jobs that are in no list. A job that moves meanwhile may be woken early, which does no harm. */
export async function removeStranded(queue: Queue, refs: readonly RequestRef[]): Promise<void> {
  const listed = new Set(await queue.getRanges(["waiting", "prioritized", "delayed", "active"], 0, MAX_READ));
  if (listed.size > MAX_READ) return;
  await Promise.all(refs.filter(({ id }) => !listed.has(id)).map(({ id }) => queue.remove(id)));
}
