/** The event of a delivery, as its receivers get it. */
import type { WebhookEvent } from "@visgate/shared/contract";
import type { Delivery } from "@visgate/shared/delivery";
import { alertView } from "@visgate/shared/money";
import { asOf, isoTime, type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

export interface DeliveryEvent {
  event: WebhookEvent;
  /** As it was at the event; null for an alert of a budget. */
  request: RequestRecord | null;
  /** The `webhook_url` of the request; null for an alert of a budget. */
  ownUrl: string | null;
}

type EventDeps = Pick<Deps, "store" | "fileUrls">;

/** Shows the request as it was at the event, whenever the event is sent. Null when the request was erased. */
export async function readEvent(deps: EventDeps, delivery: Delivery): Promise<DeliveryEvent | null> {
  const { organization, sequence, requestId, type, change: number, alert } = delivery;
  const timestamp = isoTime(delivery.createdAt);
  if (alert !== undefined)
    return { event: { type, timestamp, sequence, data: alertView(alert) }, request: null, ownUrl: null };
  const ref = { organization, id: requestId };
  const [stored, change] = await Promise.all([deps.store.requests.get(ref), deps.store.timeline.change(ref, number)]);
  if (stored === null) return null;
  const request = change === null ? stored.doc : asOf(stored.doc, change);
  const data = requestView(request, deps.fileUrls);
  return { event: { type, timestamp, sequence, data }, request, ownUrl: request.webhookUrl };
}
