/** The event of a delivery, as its receivers get it. */

import type { WebhookEvent } from "@visgate/shared/contract";
import { alertEventView, type Delivery } from "@visgate/shared/delivery";
import { asOf, type RequestRecord, requestView } from "@visgate/shared/request";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../deps.js";

export interface DeliveryEvent {
  event: WebhookEvent;
  /** As it was at the event; null for an alert. */
  request: RequestRecord | null;
  /** The `webhook_url` of the request; null for an alert. */
  ownUrl: string | null;
}

type EventDeps = Pick<Deps, "store" | "fileUrls">;

/** Shows the request as it was at the event, whenever the event is sent. Null when the request was erased. */
export async function readEvent(deps: EventDeps, delivery: Delivery): Promise<DeliveryEvent | null> {
  const timestamp = isoTime(delivery.createdAt);
  if (delivery.alert !== undefined) {
    const { type, data } = alertEventView(delivery);
    return {
      event: { type, timestamp, sequence: delivery.sequence, data } as WebhookEvent,
      request: null,
      ownUrl: null,
    };
  }
  const { organization, sequence, requestId, type, change: number } = delivery;
  const ref = { organization, id: requestId };
  const [stored, change] = await Promise.all([deps.store.requests.get(ref), deps.store.timeline.change(ref, number)]);
  if (stored === null) return null;
  const request = change === null ? stored.doc : asOf(stored.doc, change);
  const data = requestView(request, deps.fileUrls);
  return { event: { type, timestamp, sequence, data }, request, ownUrl: request.webhookUrl };
}
