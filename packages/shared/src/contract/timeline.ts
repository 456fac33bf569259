/** The time line of a request: what happened to it and when. */
import { z } from "zod";
import { REQUEST_EVENT_TYPES } from "../request/public-event.js";
import { modelId, time } from "./formats.js";

const moment = {
  at: time,
  ms: z.int().nonnegative().describe("Milliseconds since the request was accepted."),
  worker: z.string().nullable().describe("The process that did it."),
};
const PLAIN = [
  "accepted",
  "cached",
  "joined",
  "promoted",
  "locating",
  "rendered",
  "cancel_requested",
  "output_stored",
  "completed",
  "settled",
  "hold_expired",
] as const;

export const timelineEntry = z.discriminatedUnion("name", [
  z.object({ name: z.enum(PLAIN), ...moment }),
  z.object({
    name: z.literal("submitted"),
    ...moment,
    attempt: z.int().positive(),
    provider_request_id: z.string().nullable(),
  }),
  z.object({ name: z.literal("submit_rejected"), ...moment, attempt: z.int().positive() }),
  z.object({ name: z.literal("queued"), ...moment, queue_position: z.int().nonnegative().nullable() }),
  z.object({ name: z.literal("progress"), ...moment, progress: z.number().min(0).max(1).nullable() }),
  z.object({
    name: z.literal("copy_failed"),
    ...moment,
    error: z.string().describe("Why this attempt to copy the output failed."),
  }),
  z.object({ name: z.literal("failed"), ...moment, error_code: z.string().nullable() }),
  z.object({
    name: z.literal("fell_back").describe("The model failed unpaid, so the next one of fallback is tried."),
    ...moment,
    model: modelId,
    provider: z.string(),
    error_code: z.string().nullable(),
    skipped: z.boolean().describe("It had failed for others just before, so it was not tried."),
    next_model: modelId,
    next_provider: z.string(),
  }),
  z.object({
    name: z.literal("webhook_attempt"),
    ...moment,
    delivery_id: z.string(),
    type: z.enum(REQUEST_EVENT_TYPES),
    endpoint_id: z.string().nullable().describe("Null for the request's own webhook_url."),
    http_status: z.int().nullable(),
    error: z.string().nullable(),
    duration_ms: z.number().nonnegative(),
  }),
]);
export type TimelineEntry = z.infer<typeof timelineEntry>;
