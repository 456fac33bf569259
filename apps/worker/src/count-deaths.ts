/** What was in hand when a worker process died may be what killed it: the deaths are counted, per request and delivery. */
import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue/names";
import type { Deps } from "./deps.js";
import type { TakenOver } from "./take-over.js";

export function countDeaths({ store, log }: Pick<Deps, "store" | "log">): (taken: TakenOver) => void {
  return ({ lease, queue, count, refs }) => {
    log.warn({ lease, queue, jobs: count }, "took over from a worker that is gone");
    if (queue === MAINTENANCE_QUEUE) return;
    const { countDeath } = queue === WEBHOOKS_QUEUE ? store.deliveries : store.requests;
    for (const ref of refs)
      countDeath(ref).catch((error) => log.warn({ err: error, id: ref.id }, "the death of a worker was not counted"));
  };
}
