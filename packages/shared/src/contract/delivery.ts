/** Deliveries of webhooks, and how to have them sent anew. */
import { z } from "zod";
import { EVENT_TYPES } from "../request/public-event.js";
import { requestStatus } from "./request.js";

const time = z.iso.datetime({ precision: 3 });

export const deliveryView = z.object({
  id: z.string(),
  event_id: z.string().describe("The webhook-id that receivers see."),
  type: z.enum(EVENT_TYPES),
  sequence: z.int().positive(),
  endpoint_id: z.string().nullable().describe("Null for the request's own webhook_url."),
  url: z.string().nullable().describe("Where it goes; null when its endpoint was removed."),
  state: z.enum(["pending", "delivered", "abandoned"]),
  created_at: time,
  attempts: z.array(
    z.object({
      at: time,
      http_status: z.int().nullable(),
      ms: z.int(),
      error: z.string().nullable(),
      worker: z.string(),
    }),
  ),
  next_attempt_at: time.nullable().describe("Null when there is none, or when it is being sent now."),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveryList = z.object({ deliveries: z.array(deliveryView) });

export const redeliverBody = z.strictObject({
  since: z.iso.datetime({ offset: true }).describe("Events from this time on, ISO 8601."),
});
export const redelivering = z.object({ redelivering: z.int().nonnegative() });

/** What a webhook receiver gets. */

export const webhookEvent = z.object({
  type: z.enum(EVENT_TYPES),
  timestamp: z.iso.datetime({ precision: 3 }),
  sequence: z.int().positive().describe("The event's place in GET /events, counted per organization."),
  data: requestStatus,
});
export type WebhookEvent = z.infer<typeof webhookEvent>;
