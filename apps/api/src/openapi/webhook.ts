/** What receivers of webhooks get. It is not a route of this server: the workers send it. */
import type { RouteConfig } from "@asteasolutions/zod-to-openapi";
import { webhookEvent } from "@visgate/shared/contract";
import { z } from "zod";
import { json } from "../http/route.js";

const signedHeaders = z.object({
  "webhook-id": z.string().describe("The same on every attempt."),
  "webhook-timestamp": z.string().describe("Seconds since 1970, of this attempt."),
  "webhook-signature": z.string().describe("v1,<base64>; two of them while a secret is being replaced."),
});

export const EVENT_WEBHOOK: RouteConfig = {
  method: "post",
  path: "event",
  operationId: "receiveEvent",
  summary: "An event of a request",
  description:
    "Sent to the webhook_url of the request, and to each webhook endpoint that wants events of this type. Signed as " +
    "Standard Webhooks prescribe. Any 2xx within 15 seconds counts as delivered; 410 stops further attempts.",
  tags: ["Webhooks"],
  security: [],
  request: { headers: signedHeaders, body: { required: true, content: json(webhookEvent) } },
  responses: {
    "2XX": { description: "Delivered." },
    410: { description: "The endpoint wants no further events." },
  },
};
