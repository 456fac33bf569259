/** The fields of every generation call, and of every result. */
import { z } from "zod";
import { CACHE_REASONS, PRIORITIES } from "../request/record.js";
import { HTTPS, modelId, requestId, time } from "./formats.js";

const MAX_PROMPT = 10_000;
const MAX_METADATA_BYTES = 4096;
const MAX_DEADLINE_SECONDS = 86_400;

const prompt = z
  .string()
  .min(1)
  .max(MAX_PROMPT)
  .refine((text) => text.trim() !== "", "must not be blank")
  .refine((text) => text.isWellFormed() && !text.includes("\0"), "must be valid Unicode without NUL")
  // The same for readers of the document.
  .meta({ pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" });

const metadata = z
  .record(z.string(), z.string())
  .refine(
    (map) => Buffer.byteLength(JSON.stringify(map)) <= MAX_METADATA_BYTES,
    `must be at most ${MAX_METADATA_BYTES} bytes of JSON`,
  );

const model = z.string().min(1).max(200);
const MAX_ALTERNATIVES = 5;

const alternativeWithParams = z.strictObject({
  model,
  params: z.record(z.string(), z.unknown()).nullish().describe("Inputs of this model. Default: those of the call."),
});
const alternative = z.union([model, alternativeWithParams], {
  error: "must be the id of a model, or {model, params}",
});

export const generationFields = {
  model: model.describe("The id of a model, as fal-ai/veo3.1/fast."),
  prompt: prompt.describe("1 to 10,000 characters."),
  params: z.record(z.string(), z.unknown()).nullish().describe("Further inputs of this model; GET /models lists them."),
  params_unchecked: z
    .boolean()
    .nullish()
    .describe(
      "true: params that this gateway does not know are sent to the provider as they are; known ones are still checked. " +
        "The price is that of the catalogue; the receipt says what the provider billed. Default: false, an unknown " +
        "param is a 422.",
    ),
  webhook_url: z
    .string()
    .min(1)
    .meta({ format: "uri", pattern: HTTPS })
    .nullish()
    .describe("https URL that gets one signed event when the request ends."),
  callback_id: z.string().max(255).nullish(),
  metadata: metadata.nullish().describe("Flat map of strings, at most 4 KB."),
  deadline_seconds: z
    .number()
    .min(1)
    .max(MAX_DEADLINE_SECONDS)
    .nullish()
    .describe("The request fails after this time; default 1800 for videos, 600 for images."),
  cache: z
    .enum(["use", "refresh", "off"])
    .nullish()
    .describe(
      "use (default): take the output of an equal request from the cache, or wait for an equal request in flight, " +
        "at no cost; refresh: make a new output and replace the cached one; off: do not use the cache.",
    ),
  priority: z
    .enum(PRIORITIES)
    .nullish()
    .describe(
      "low: when the provider's limits make requests wait, this one waits until your normal ones have been sent. " +
        "Default: normal.",
    ),
  fallback: z
    .array(alternative)
    .min(1)
    .max(MAX_ALTERNATIVES)
    .nullish()
    .describe(
      "Models to try in this order when the one before has failed and provably costs nothing; never after a submit " +
        "whose outcome is unknown. They get the same prompt, image, duration, size, count and params.",
    ),
  skip_gcs_upload: z.boolean().nullish().describe("true: return the provider's own URL, and do not copy the output."),
};

/** The fields of every result. */
export const resultFields = {
  id: requestId,
  model: modelId,
  provider: z.string(),
  mode: z.enum(["managed", "byok"]),
  cost: z.number().describe("USD"),
  cache_hit: z.boolean(),
  cache_reason: z.enum(CACHE_REASONS),
  provider_cost_avoided_micro: z
    .int()
    .optional()
    .describe("Only for a cache hit: what the output cost when it was made."),
  latency_ms: z.int(),
  created_at: time,
};
