/** Counts worker deaths per request and delivery that the dead process was running: one of them may be the cause. */

import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

export async function countDeaths(
  { store, log }: Pick<Deps, "store" | "log">,
  { leaseId, queue }: { leaseId: string; queue: string },
  refs: RequestRef[],
): Promise<void> {
  if (queue === MAINTENANCE_QUEUE) return;
  const { countDeath } = queue === WEBHOOKS_QUEUE ? store.deliveries : store.requests;
  const counted = refs.map((ref) =>
    // The take-over must not wait for the count: when one death is missed, the next ones still count.
    countDeath(ref, leaseId).catch((error) => log.warn({ err: error, id: ref.id }, "a death was not counted")),
  );
  await Promise.all(counted);
}
