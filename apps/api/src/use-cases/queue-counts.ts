/** How many requests or deliveries a queue has in each state, with those that are still in its outbox. */
import type { Deps } from "../deps.js";

export async function queueCounts(
  { producer, store }: Pick<Deps, "producer" | "store">,
  queue: string,
): Promise<Record<string, number>> {
  const [jobs, outbox] = await Promise.all([producer.counts(queue), store.outbox.counts(queue)]);
  const { waiting = 0, active = 0 } = jobs;
  return { ...jobs, waiting: waiting + outbox.waiting, active: active + outbox.active };
}
