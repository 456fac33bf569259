/**
 * Frees what a process holds of a queue and does not run: the jobs under its locks, and the requests that it took from
 * the outbox. For a dead process this is everything.
 */
import { type Freed, freeJobsOf, HANDED_OUT_MS, type TakeOverOptions } from "@visgate/shared/queue";
import type { Outbox } from "@visgate/shared/store";

export interface FreeWorkOptions extends TakeOverOptions {
  outbox: Pick<Outbox, "takenBy" | "giveBack">;
}

export async function freeWorkOf(leaseId: string, queue: string, options: FreeWorkOptions): Promise<Freed> {
  const [requests, jobs] = await Promise.all([
    putBackRequests(leaseId, queue, options),
    freeJobsOf(leaseId, queue, options),
  ]);
  return { count: requests.count + jobs.count, refs: [...requests.refs, ...jobs.refs] };
}

async function putBackRequests(
  leaseId: string,
  queue: string,
  { outbox, running, beforeFreeing }: FreeWorkOptions,
): Promise<Freed> {
  const taken = await outbox.takenBy(queue, leaseId);
  if (running !== undefined && taken.length > 0) await new Promise((resolve) => setTimeout(resolve, HANDED_OUT_MS));
  const refs = taken.filter(({ id }) => !running?.has(id));
  await beforeFreeing?.(refs);
  return { count: await outbox.giveBack(queue, leaseId, refs), refs };
}
