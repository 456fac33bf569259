/** `POST /images/generate`, and the short form `POST /generate`. */
import { z } from "zod";
import { requestId, time, uri } from "./formats.js";
import { generationFields, resultFields } from "./generation.js";
import { inputFields } from "./inputs.js";

const MAX_SIDE = 8192;
const side = z.int().min(1).max(MAX_SIDE).nullish();

/** Generic inputs of every image model. Callers may also send them inside `params`. */
export const imageInputs = {
  width: side.describe("Pixels; default 1024. Mapped to a size of the model, if it has a list of sizes."),
  height: side.describe("Pixels; default 1024."),
  num_images: z.int().min(1).max(100).nullish().describe("Default 1."),
};

/** Other top-level fields are model params. */
export const generateImageBody = z.looseObject({
  ...generationFields,
  ...imageInputs,
  ...inputFields,
  negative_prompt: z
    .string()
    .nullish()
    .describe("What to avoid. GET /models says which models take it; others answer it with a 422."),
  seed: z.int().nullish(),
});
export type GenerateImageBody = z.infer<typeof generateImageBody>;

export const imagesQuery = z.object({
  include_steps: z.enum(["true", "false"]).optional().describe("true: adds steps[], with the duration of each step."),
});

const step = z.object({
  name: z.enum(["cache", "provider", "storage"]),
  ms: z.int().nonnegative(),
});

export const imageResult = z.object({
  ...resultFields,
  images: z.array(uri).describe("One URL per image."),
  output_storage: z.string().nullable().describe("The host that serves the images."),
  output_size_bytes: z
    .int()
    .nullable()
    .describe("The size of the first image in bytes. Null when the image was not copied to the output store."),
  steps: z.array(step).optional(),
});
export type ImageResult = z.infer<typeof imageResult>;

export const quickImageBody = generateImageBody.extend({
  model: generationFields.model.default("fal-ai/flux/schnell"),
});

export const quickImageResult = z.object({
  id: requestId,
  image_url: uri,
  images: z.array(uri),
  model: z.string(),
  provider: z.string(),
  mode: z.enum(["managed", "byok"]),
  estimated_cost_usd: z.number(),
  cost_per_megapixel_usd: z.number(),
  latency_ms: z.int(),
  resolution: z.object({ width: z.int(), height: z.int() }).describe("The requested size in pixels."),
  created_at: time,
});
export type QuickImageResult = z.infer<typeof quickImageResult>;
