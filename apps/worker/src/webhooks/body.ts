/** The bytes of an event: the request as it was then, whenever it is sent. */
import type { WebhookEvent } from "@visgate/shared/contract";
import type { Delivery } from "@visgate/shared/delivery";
import { asOf, isoTime, type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

export async function eventBody(
  deps: Pick<Deps, "store" | "fileUrls">,
  delivery: Delivery,
  request: RequestRecord,
): Promise<string> {
  const change = await deps.store.timeline.change(request, delivery.change);
  const event: WebhookEvent = {
    type: delivery.type,
    timestamp: isoTime(delivery.createdAt),
    sequence: delivery.sequence,
    data: requestView(change === null ? request : asOf(request, change), deps.fileUrls),
  };
  return JSON.stringify(event);
}
