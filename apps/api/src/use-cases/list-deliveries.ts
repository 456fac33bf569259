/** The webhook deliveries of a request, each with its attempts. */
import type { DeliveryView } from "@visgate/shared/contract";
import type { Delivery } from "@visgate/shared/delivery";
import { isRequestId } from "@visgate/shared/ids";
import { isoTime, type RequestRef } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./read-request.js";

export async function listDeliveries(deps: Deps, ref: RequestRef): Promise<DeliveryView[]> {
  const { requests, endpoints, deliveries } = deps.store;
  const request = isRequestId(ref.id) ? await requests.get(ref) : null;
  if (request === null) throw requestNotFound(ref.id);
  const urls = new Map((await endpoints.list(ref.organization)).map(({ id, url }) => [id, url]));
  const urlOf = (endpointId: string | null) =>
    endpointId === null ? request.doc.webhookUrl : (urls.get(endpointId) ?? null);
  return (await deliveries.ofRequest(ref)).map(({ doc }) => deliveryView(doc, urlOf(doc.endpointId)));
}

function deliveryView(delivery: Delivery, url: string | null): DeliveryView {
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
