/** Webhook deliveries, how to send them again, and what receivers get. */
import { z } from "zod";
import type { AlertEventType } from "../alert/alert.js";
import { BUDGET_EVENT_TYPE, EVENT_TYPES, REQUEST_EVENT_TYPES } from "../request/public-event.js";
import { alertView } from "./alert.js";
import { requestId, time, timeFilter, uri } from "./formats.js";
import { budgetThreshold } from "./money.js";
import { requestStatus } from "./request.js";

export const deliveryView = z.object({
  id: z.string(),
  event_id: z.string().describe("The webhook-id that receivers get."),
  type: z.enum(EVENT_TYPES),
  sequence: z.int().positive(),
  endpoint_id: z.string().nullable().describe("Null for the request's own webhook_url."),
  url: uri.nullable().describe("The URL of the receiver; null when its endpoint was removed."),
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
  next_attempt_at: time.nullable().describe("Null when there is no further attempt, or when one is being made now."),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveryList = z.object({ deliveries: z.array(deliveryView) });

const STATES = deliveryView.shape.state.options;
const ANY_STATE = `(${STATES.join("|")})`;
export const deliveryStates = z.array(deliveryView.shape.state);

export const deliveriesQuery = z.strictObject({
  state: z
    .string()
    .meta({ pattern: `^${ANY_STATE}(,${ANY_STATE})*$`, example: "pending,abandoned" })
    .optional()
    .describe(`Only deliveries in one of these states, separated by commas: ${STATES.join(", ")}.`),
  endpoint_id: z.string().min(1).max(100).optional().describe("Only deliveries to this endpoint."),
  type: z.enum(EVENT_TYPES).optional().describe("Only deliveries of this type of event."),
  created_after: timeFilter().optional().describe("Only deliveries of events later than this (ISO 8601)."),
  created_before: timeFilter().optional().describe("Only deliveries of events earlier than this (ISO 8601)."),
  limit: z.coerce.number().int().min(1).max(100).default(20).describe("The maximum number of deliveries on a page."),
  cursor: z.string().min(1).optional().describe("next_cursor of the previous page, with the same filters."),
});
export type DeliveriesQuery = z.infer<typeof deliveriesQuery>;

export const listedDelivery = deliveryView.extend({
  request_id: requestId.nullable().describe("Null for an alert, which is about no request."),
});
export type ListedDelivery = z.infer<typeof listedDelivery>;

export const deliveryPage = z.object({
  deliveries: z.array(listedDelivery),
  next_cursor: z
    .string()
    .nullable()
    .describe("Null on the last page. A page may have fewer deliveries than limit, even none, and not be the last."),
});

export const redeliverBody = z.strictObject({
  since: z.iso.datetime({ offset: true }).describe("Sends the events from this time on again (ISO 8601)."),
});
export const redelivering = z.object({ redelivering: z.int().nonnegative() });

const sequence = z.int().positive().describe("The sequence number of the event in GET /events, per organization.");

export const requestWebhookEvent = z.object({
  type: z.enum(REQUEST_EVENT_TYPES),
  timestamp: time,
  sequence,
  data: requestStatus,
});
export type RequestWebhookEvent = z.infer<typeof requestWebhookEvent>;
export const budgetWebhookEvent = z.object({
  type: z.literal(BUDGET_EVENT_TYPE),
  timestamp: time,
  sequence,
  data: budgetThreshold,
});
/** One schema for each type, so that TypeScript tells the data by the type. */
const alertWebhookEvent = <T extends AlertEventType>(type: T) =>
  z.object({ type: z.literal(type), timestamp: time, sequence, data: alertView });
/** The body that a webhook receiver gets. A request's own webhook_url gets only events of this request. */
export const webhookEvent = z.discriminatedUnion("type", [
  requestWebhookEvent,
  budgetWebhookEvent,
  alertWebhookEvent("alert.opened"),
  alertWebhookEvent("alert.closed"),
]);
export type WebhookEvent = z.infer<typeof webhookEvent>;
