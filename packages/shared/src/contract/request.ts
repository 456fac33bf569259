/** The status of a request as callers see it, in answers and in webhooks. */
import { z } from "zod";
import { CACHE_REASONS } from "../request/record.js";
import { STATUSES } from "../request/state.js";
import { timelineEntry } from "./timeline.js";

const time = z.iso.datetime({ precision: 3 });
const usd = z.number().nonnegative();

export const requestStatus = z.object({
  request_id: z.string(),
  id: z.string(),
  status: z.enum(STATUSES),
  media_type: z.enum(["video", "image"]),
  model: z.string(),
  provider: z.string(),
  mode: z.enum(["managed", "byok"]),
  output_url: z.string().nullable(),
  output_urls: z.array(z.string()),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  retryable: z.boolean().nullable(),
  progress: z.number().min(0).max(1).nullable(),
  queue_position: z.int().nonnegative().nullable(),
  cost: usd.describe("USD"),
  cache_hit: z.boolean().describe("The output was made for another request; it costs nothing here."),
  cache_reason: z
    .enum(CACHE_REASONS)
    .describe(
      "exact: from the cache; joined: with an equal request in flight; refreshed, off: as asked; miss: made; " +
        "unsettled: this call is an equal, earlier request whose submit or money is not settled yet.",
    ),
  provider_cost_avoided_micro: z.int().nonnegative(),
  charge_state: z.enum(["none", "held", "charged", "released", "unknown"]),
  latency_ms: z.int().nonnegative().nullable(),
  duration_seconds: z.number().nullable(),
  callback_id: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  provider_request_id: z.string().nullable(),
  simulated: z.boolean(),
  created_at: time,
  started_at: time.nullable(),
  completed_at: time.nullable(),
});
export type RequestStatus = z.infer<typeof requestStatus>;

/** The acknowledgement: it always says `pending`, whatever has happened since. */
export const acknowledgement = z.object({
  id: z.string(),
  request_id: z.string(),
  status: z.literal("pending"),
  model: z.string(),
  provider: z.string(),
  created_at: time,
  status_url: z.string(),
  cache_reason: z
    .literal("unsettled")
    .optional()
    .describe("This call is an equal, earlier request whose submit or money is not settled yet."),
  output_url_when_ready: z
    .string()
    .nullable()
    .describe("The output_url to be: 202 until the output is there, the failure if it fails. Null when not copied."),
});
export type Acknowledgement = z.infer<typeof acknowledgement>;

/** What an output's URL answers before the output is there. */
export const outputProgress = requestStatus.pick({
  request_id: true,
  status: true,
  progress: true,
  queue_position: true,
});

export const cancelAnswer = z.object({
  request_id: z.string(),
  status: z.literal("cancelling"),
  charge_state: requestStatus.shape.charge_state,
  message: z.string(),
});

export const deleteAnswer = z.object({ request_id: z.string(), deleted: z.literal(true) });

export const statusQuery = z.object({
  wait: z.coerce.number().min(1).max(60).optional().describe("Seconds to hold the answer until the request has ended."),
  include: z.literal("timeline").optional().describe("timeline: adds what happened to the request, and when."),
});

/** What a poll gets. */
export const statusAnswer = requestStatus.extend({
  timeline: z.array(timelineEntry).optional().describe("With include=timeline; oldest first."),
});
