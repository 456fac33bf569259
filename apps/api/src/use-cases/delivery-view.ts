/** A webhook delivery as callers see it. */

import type { DeliveryView } from "@visgate/shared/contract";
import type { Delivery } from "@visgate/shared/delivery";
import { isoTime } from "@visgate/shared/units";

/** `url`: of the receiver; null when its endpoint was removed. */
export function deliveryView(delivery: Delivery, url: string | null): DeliveryView {
  const { id, eventId, type, sequence, endpointId, state, createdAt, attempts, nextAttemptAt } = delivery;
  return {
    ...{ id, event_id: eventId, type, sequence, endpoint_id: endpointId, url, state },
    created_at: isoTime(createdAt),
    attempts: attempts.map(({ at, httpStatus, ms, error, by }) => {
      return { at: isoTime(at), http_status: httpStatus, ms, error, worker: by };
    }),
    next_attempt_at: nextAttemptAt === null ? null : isoTime(nextAttemptAt),
  };
}
