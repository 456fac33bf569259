/** What became of webhooks, and sending them anew: under the same webhook-id, with all attempts from the start. */
import type { DeliveryView } from "@visgate/shared/contract/delivery";
import type { Delivery } from "@visgate/shared/domain/delivery";
import { VisgateError } from "@visgate/shared/domain/errors";
import type { RequestRef } from "@visgate/shared/domain/request";
import { isRequestId } from "@visgate/shared/ids";
import { WEBHOOKS_QUEUE } from "@visgate/shared/queue/names";
import type { StoredDelivery } from "@visgate/shared/store/deliveries";
import { isoTime } from "@visgate/shared/view";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./find-request.js";
import { endpointNotFound } from "./manage-endpoints.js";

export async function listDeliveries(deps: Deps, ref: RequestRef): Promise<DeliveryView[]> {
  if (!isRequestId(ref.id) || (await deps.store.requests.revision(ref)) === null) throw requestNotFound(ref.id);
  return (await deps.store.deliveries.ofRequest(ref)).map(({ doc }) => deliveryView(doc));
}

export async function redeliver(deps: Deps, request: RequestRef, deliveryId: string): Promise<void> {
  const ref = { organization: request.organization, id: deliveryId };
  const stored = await deps.store.deliveries.get(ref);
  if (stored === null || stored.doc.requestId !== request.id) {
    throw new VisgateError("NOT_FOUND", "There is no such delivery of this request.");
  }
  await sendAnew(deps, stored);
}

export interface Failed {
  organization: string;
  /** Of one endpoint; null: all of the organization's, those to a request's own webhook_url too. */
  endpointId: string | null;
  /** Of events from then on, ms. */
  since: number;
}

/** All that were given up on; how many. */
export async function redeliverFailed(deps: Deps, { organization, endpointId, since }: Failed): Promise<number> {
  if (endpointId !== null && (await deps.store.endpoints.get(organization, endpointId)) === null) {
    throw endpointNotFound();
  }
  const failed = await deps.store.deliveries.failedSince(organization, since);
  const wanted = failed.filter(({ doc }) => endpointId === null || doc.endpointId === endpointId);
  for (const stored of wanted) await sendAnew(deps, stored);
  return wanted.length;
}

async function sendAnew(deps: Deps, stored: StoredDelivery): Promise<void> {
  for (let current: StoredDelivery | null = stored; current !== null; ) {
    const { rev, doc } = current;
    if (doc.state === "pending") break;
    const anew: Delivery = { ...doc, state: "pending", attemptsBefore: doc.attempts.length };
    if (await deps.store.deliveries.save(rev, anew, 0)) break;
    current = await deps.store.deliveries.get(doc);
  }
  await deps.producer.wakeDelivery(stored.doc);
  // One that sleeps until its next attempt is sent now.
  deps.producer
    .nudge(WEBHOOKS_QUEUE, stored.doc.id)
    .catch((error) => deps.log.warn({ err: error }, "a nudge was lost"));
}

function deliveryView(delivery: Delivery): DeliveryView {
  const { id, eventId, type, sequence, endpointId, state, createdAt, attempts } = delivery;
  return {
    ...{ id, event_id: eventId, type, sequence, endpoint_id: endpointId, state },
    created_at: isoTime(createdAt),
    attempts: attempts.map(({ at, httpStatus, ms, error, by }) => {
      return { at: isoTime(at), http_status: httpStatus, ms, error, worker: by };
    }),
  };
}
