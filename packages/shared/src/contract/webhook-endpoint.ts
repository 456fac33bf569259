/** Webhook endpoints: `/webhook-endpoints`. */
import { z } from "zod";
import { EVENT_TYPES } from "../request/public-event.js";
import { HTTPS, time, uri } from "./formats.js";

const MAX_OVERLAP_SECONDS = 7 * 86_400;

const url = z.string().min(1).meta({ format: "uri", pattern: HTTPS }).describe("https URL.");
const events = z
  .array(z.enum(EVENT_TYPES))
  .min(1)
  .describe("The events that it gets; default request.completed and request.failed.");
const description = z.string().max(255).nullish();

export const createEndpointBody = z.strictObject({
  url,
  events: events.optional(),
  description,
  enabled: z.boolean().optional(),
});

export const updateEndpointBody = z
  .strictObject({ url: url.optional(), events: events.optional(), description, enabled: z.boolean().optional() })
  .refine((body) => Object.values(body).some((value) => value !== undefined), "must change something")
  .meta({ minProperties: 1 });

export const rotateSecretBody = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_SECONDS)
    .optional()
    .describe("How long webhooks are also signed with the old secret; default one day."),
});

export const webhookEndpoint = z.object({
  id: z.string(),
  url: uri,
  events: z.array(z.enum(EVENT_TYPES)),
  description: z.string().nullable(),
  enabled: z.boolean(),
  disabled_reason: z
    .enum(["by_caller", "gone", "failing"])
    .nullable()
    .describe("gone: it answered 410; failing: every attempt has failed for days; by_caller: a caller disabled it."),
  created_at: time,
  failing_since: time.nullable(),
  secret_rotates_until: time.nullable().describe("Until then webhooks have a second signature, with the old secret."),
});
export type WebhookEndpointView = z.infer<typeof webhookEndpoint>;

export const webhookEndpointWithSecret = webhookEndpoint.extend({
  secret: z.string().describe("whsec_…; it is only shown in this answer."),
});
export const webhookEndpointList = z.object({ endpoints: z.array(webhookEndpoint) });
export const endpointDeleted = z.object({ id: z.string(), deleted: z.literal(true) });
