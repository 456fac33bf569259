/** What one webhook says, and to whom: our event, or the end of a request in the words of the API that it came by. */
import { webhookFormOf } from "@visgate/providers";
import type { Delivery } from "@visgate/shared/delivery";
import type { Deps } from "../deps.js";
import type { DeliveryEvent } from "./read-event.js";
import type { WebhookMessage } from "./send.js";

type MessageDeps = Pick<Deps, "fileUrls" | "catalogue" | "secrets" | "settings">;

/** Only the request's own `webhook_url` may get other words: endpoints were registered for our events. */
export function messageOf(
  { fileUrls, catalogue, secrets, settings }: MessageDeps,
  { endpointId }: Delivery,
  { event, request }: DeliveryEvent,
): Pick<WebhookMessage, "body" | "headersAt"> {
  const form = endpointId === null && request?.webhookForm ? webhookFormOf(request.webhookForm) : undefined;
  if (form === undefined || request === null) return { body: JSON.stringify(event) };
  const body = JSON.stringify(form.bodyOf(request, { fileUrls, catalogue, publicBase: settings.publicBase }));
  const headersAt = (at: Date) => form.headersOf?.({ record: request, body, at }, secrets.signPublicly) ?? {};
  return { body, headersAt };
}
