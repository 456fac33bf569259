/** Sends webhook deliveries again: under the same webhook-id, and with all their attempts ahead of them. */
import { type Delivery, sentAgain } from "@visgate/shared/delivery";
import { VisgateError } from "@visgate/shared/errors";
import { WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import type { StoredDelivery } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { endpointNotFound } from "./manage-endpoints.js";

/** How many deliveries are changed at a time. */
const BATCH = 100;
/** The wake-up does nothing while the old job is about to finish. The sweeper checks the delivery after this time. */
const RESEND_GRACE_MS = 5000;

export async function redeliver(deps: Deps, request: RequestRef, deliveryId: string): Promise<void> {
  const ref = { organization: request.organization, id: deliveryId };
  const stored = await deps.store.deliveries.get(ref);
  if (stored === null || stored.doc.requestId !== request.id) {
    throw new VisgateError("NOT_FOUND", "There is no such delivery of this request.");
  }
  await sendAgain(deps, stored);
}

export interface Failed {
  organization: string;
  /** One endpoint; null for all receivers of the organization, also a request's own webhook_url. */
  endpointId: string | null;
  /** Only deliveries of events since then, in ms since the epoch. */
  since: number;
}

/** Sends all abandoned deliveries again; returns how many. */
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

/** False when the delivery belongs to another endpoint, or is no longer abandoned. */
async function sendFailed(deps: Deps, { organization, endpointId }: Failed, id: string): Promise<boolean> {
  const stored = await deps.store.deliveries.get({ organization, id });
  if (stored?.doc.state !== "abandoned") return false;
  if (endpointId !== null && stored.doc.endpointId !== endpointId) return false;
  await sendAgain(deps, stored);
  return true;
}

async function sendAgain(deps: Deps, { rev, doc }: StoredDelivery): Promise<void> {
  if (doc.state === "pending") return sendNow(deps, doc);
  // Not saved when another process was quicker: the delivery is then already sent again, or erased.
  await deps.store.deliveries.save(rev, sentAgain(doc), 0, RESEND_GRACE_MS);
  await deps.producer.wakeDelivery(doc);
}

/** The job of a pending delivery sleeps until the next attempt, or is lost. */
async function sendNow(deps: Deps, delivery: Delivery): Promise<void> {
  await deps.producer.wakeDelivery(delivery);
  deps.producer.nudge(WEBHOOKS_QUEUE, delivery.id).catch((error) => deps.log.warn({ err: error }, "a nudge was lost"));
}
