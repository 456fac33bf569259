/** The status of a request, in answers and in webhooks; acknowledgements and lists. */
import { z } from "zod";
import { CACHE_REASONS } from "../request/record.js";
import { STATUSES } from "../request/state.js";
import { modelId, requestId, time, timeFilter, uri } from "./formats.js";
import { IMAGE_ROLES } from "./inputs.js";
import type { ProviderNames } from "./provider.js";
import { timelineEntry } from "./timeline.js";

const usd = z.number().nonnegative();

export const requestStatus = z.object({
  request_id: requestId,
  id: requestId,
  status: z.enum(STATUSES),
  media_type: z.enum(["video", "image"]),
  model: modelId,
  provider: z.string(),
  mode: z.enum(["managed", "byok"]),
  output_url: uri.nullable(),
  output_urls: z.array(uri),
  poster_url: uri
    .nullable()
    .describe(
      "A JPEG of at most 640 pixels a side: the first frame of the video, or the image. Null before the request is " +
        "completed, or when it has no poster.",
    ),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  retryable: z.boolean().nullable(),
  progress: z.number().min(0).max(1).nullable(),
  queue_position: z
    .int()
    .nonnegative()
    .nullable()
    .describe(
      "How many come before it. While the request is pending: how many of your requests for this model wait for a " +
        "slot at the provider. Later: how many jobs in the provider's own queue, if the provider says so.",
    ),
  cost: usd.describe("USD"),
  cache_hit: z.boolean().describe("The output was made by another request, and costs nothing here."),
  cache_reason: z
    .enum(CACHE_REASONS)
    .describe(
      "exact: from the cache; joined: from an equal request in flight; refreshed, off: as asked; miss: made; " +
        "unsettled: an equal, earlier request, since its submit or its charge is not settled yet.",
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

/** One event of the stream of a request, as a server-sent event is parsed. */
export const statusEvent = z.object({
  id: z.string().describe("The number of the change. Send it as Last-Event-ID to go on from here."),
  event: z.literal("status"),
  data: z
    .string()
    .meta({ contentMediaType: "application/json" })
    .describe("The request right after the change, in JSON: the same object as GET /requests/{id} answers."),
  retry: z.int().optional().describe("Milliseconds to wait before a reconnect; in the first event."),
});

/** The acknowledgement. Its status is always `pending`, whatever has happened since. */
export const acknowledgement = z.object({
  id: requestId,
  request_id: requestId,
  status: z.literal("pending"),
  model: modelId,
  provider: z.string(),
  created_at: time,
  status_url: uri,
  cache_reason: z
    .literal("unsettled")
    .optional()
    .describe("The call returned an equal, earlier request, since its submit or its charge is not settled yet."),
  output_url_when_ready: uri
    .nullable()
    .describe(
      "The future output_url, without the extension of an image. It answers 202 until the output is ready, and the error if the request fails. " +
        "Null when the output is not copied.",
    ),
});
export type Acknowledgement = z.infer<typeof acknowledgement>;

/** The answer of an output's URL until the output is ready. */
export const outputProgress = requestStatus.pick({
  request_id: true,
  status: true,
  progress: true,
  queue_position: true,
});

export const cancelAnswer = z.object({
  request_id: requestId,
  status: z.literal("cancelling"),
  charge_state: requestStatus.shape.charge_state,
  message: z.string(),
});

export const deleteAnswer = z.object({ request_id: requestId, deleted: z.literal(true) });

export const statusQuery = z.object({
  wait: z.coerce
    .number()
    .min(1)
    .max(60)
    .optional()
    .describe("Seconds to wait for the end of the request before the answer."),
  include: z
    .enum(["timeline", "-input", "timeline,-input", "-input,timeline"])
    .optional()
    .describe("timeline: adds the time line of the request; -input: leaves out its input; or both."),
});

const inputUrl = uri.describe("The caller's own URL, or a signed URL of this server for a file that it keeps.");

/** What a request was made from. Webhooks and events never have it. */
export const requestInput = z
  .object({
    prompt: z.string(),
    image_url: inputUrl.nullable(),
    image_urls: z
      .array(z.object({ url: inputUrl, role: z.enum(IMAGE_ROLES) }))
      .describe("The other images: last frames and references."),
    video_url: inputUrl.nullable(),
    audio_url: inputUrl.nullable(),
    duration_seconds: z.number().nullable(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    num_images: z.int().nullable(),
    params: z.record(z.string(), z.unknown()).describe("The further inputs of the model."),
  })
  .describe("Absent with include=-input, and on a server that hides prompts (HIDE_PROMPTS).");
export type RequestInputView = z.infer<typeof requestInput>;

export const requestWithInput = requestStatus.extend({ input: requestInput.optional() });
export type RequestWithInput = z.infer<typeof requestWithInput>;

/** The answer of a status call. */
export const statusAnswer = requestWithInput.extend({
  timeline: z.array(timelineEntry).optional().describe("Only with include=timeline; oldest first."),
});

// GET /requests: the requests of an organization, newest first.

const ANY_STATUS = `(${STATUSES.join("|")})`;
export const statuses = z.array(z.enum(STATUSES));

const MAX_TEXT = 200;
export const modelFilter = z.string().min(1).max(200).optional().describe("Only requests of this model.");
export const providerFilter = (providers: ProviderNames) =>
  z.enum(providers).optional().describe("Only requests of this provider.");
export const mediaTypeFilter = z.enum(["video", "image"]).optional().describe("Only videos, or only images.");
/** The filters that lists and calls for many requests share. */
export const textFilters = {
  callback_id: z.string().min(1).max(255).optional().describe("Only requests with this callback_id."),
  api_key_id: z.string().min(1).max(100).optional().describe("Only requests that this API key submitted."),
  tag: z.string().min(1).max(100).optional().describe("Only requests with this value of your usage tag."),
  text: z
    .string()
    .min(1)
    .max(MAX_TEXT)
    .optional()
    .describe("Only requests with this text in their prompt, in upper or lower case."),
  created_after: timeFilter().optional().describe("Only requests created later than this (ISO 8601)."),
  created_before: timeFilter().optional().describe("Only requests created earlier than this (ISO 8601)."),
};

export const listQuery = (providers: ProviderNames) =>
  z.strictObject({
    status: z
      .string()
      .meta({ pattern: `^${ANY_STATUS}(,${ANY_STATUS})*$`, example: "completed,failed" })
      .optional()
      .describe(`Only requests with one of these statuses, separated by commas: ${STATUSES.join(", ")}.`),
    model: modelFilter,
    provider: providerFilter(providers),
    media_type: mediaTypeFilter,
    ...textFilters,
    include: z.literal("-input").optional().describe("-input: leaves out the input of each request."),
    limit: z.coerce.number().int().min(1).max(100).default(20).describe("The maximum number of requests on a page."),
    cursor: z.string().min(1).optional().describe("next_cursor of the previous page, with the same filters."),
  });
export type ListQuery = z.infer<ReturnType<typeof listQuery>>;

export const listAnswer = z.object({
  requests: z.array(requestWithInput),
  next_cursor: z
    .string()
    .nullable()
    .describe("Null on the last page. A page may have fewer requests than limit, even none, and not be the last."),
});
export type ListAnswer = z.infer<typeof listAnswer>;
