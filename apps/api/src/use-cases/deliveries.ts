/** What became of webhooks, and sending them anew: under the same webhook-id, with all attempts from the start. */
import type { DeliveryView } from "@visgate/shared/contract";
import type { Delivery } from "@visgate/shared/delivery";
import { VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import { WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { isoTime, type RequestRef } from "@visgate/shared/request";
import type { StoredDelivery } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./find-request.js";
import { endpointNotFound } from "./manage-endpoints.js";

/** How many are sent anew at a time. */
const BATCH = 100;
/** Its last job may just be ending, and then the wake-up is a no-op: the sweeper looks soon. */
const RESEND_GRACE_MS = 5000;

export async function listDeliveries(deps: Deps, ref: RequestRef): Promise<DeliveryView[]> {
  const { requests, endpoints, deliveries } = deps.store;
  const request = isRequestId(ref.id) ? await requests.get(ref) : null;
  if (request === null) throw requestNotFound(ref.id);
  const urls = new Map((await endpoints.list(ref.organization)).map(({ id, url }) => [id, url]));
  const urlOf = (endpointId: string | null) =>
    endpointId === null ? request.doc.webhookUrl : (urls.get(endpointId) ?? null);
  return (await deliveries.ofRequest(ref)).map(({ doc }) => deliveryView(doc, urlOf(doc.endpointId)));
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
export async function redeliverFailed(deps: Deps, failed: Failed): Promise<number> {
  const { organization, endpointId, since } = failed;
  if (endpointId !== null && (await deps.store.endpoints.get(organization, endpointId)) === null) {
    throw endpointNotFound();
  }
  const ids = await deps.store.deliveries.failedSince(organization, since);
  let redelivering = 0;
  for (let from = 0; from < ids.length; from += BATCH) {
    const sent = await Promise.all(ids.slice(from, from + BATCH).map((id) => sendFailed(deps, failed, id)));
    redelivering += sent.filter(Boolean).length;
  }
  return redelivering;
}

/** False when it is another endpoint's, or has not failed after all. */
async function sendFailed(deps: Deps, { organization, endpointId }: Failed, id: string): Promise<boolean> {
  const stored = await deps.store.deliveries.get({ organization, id });
  if (stored?.doc.state !== "abandoned") return false;
  if (endpointId !== null && stored.doc.endpointId !== endpointId) return false;
  await sendAnew(deps, stored);
  return true;
}

async function sendAnew(deps: Deps, { rev, doc }: StoredDelivery): Promise<void> {
  if (doc.state === "pending") return sendNow(deps, doc);
  const anew: Delivery = { ...doc, state: "pending", attemptsBefore: doc.attempts.length, nextAttemptAt: null };
  // Should somebody else be quicker, it is sent anew already, or erased.
  await deps.store.deliveries.save(rev, anew, 0, RESEND_GRACE_MS);
  await deps.producer.wakeDelivery(doc);
}

/** Its job sleeps until the next attempt, or got lost. */
async function sendNow(deps: Deps, delivery: Delivery): Promise<void> {
  await deps.producer.wakeDelivery(delivery);
  deps.producer.nudge(WEBHOOKS_QUEUE, delivery.id).catch((error) => deps.log.warn({ err: error }, "a nudge was lost"));
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
