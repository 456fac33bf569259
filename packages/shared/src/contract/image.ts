/** `POST /images/generate`, and `POST /generate` for a quick one. */
import { z } from "zod";
import { generationFields, resultFields } from "./generation.js";

const MAX_SIDE = 8192;
const side = z.int().min(1).max(MAX_SIDE).nullish();

/** Generic inputs that every image model is asked by; they may also come inside `params`. */
export const imageInputs = {
  width: side.describe("Pixels; default 1024. Mapped to the model's own sizes where it has a list."),
  height: side.describe("Pixels; default 1024."),
  num_images: z.int().min(1).max(100).nullish().describe("Default 1."),
};

/** Other top-level keys are model params too. */
export const generateImageBody = z.looseObject({
  ...generationFields,
  ...imageInputs,
  negative_prompt: z.string().nullish().describe("What to avoid, where the model takes it."),
  seed: z.int().nullish(),
});
export type GenerateImageBody = z.infer<typeof generateImageBody>;

export const imagesQuery = z.object({
  include_steps: z.enum(["true", "false"]).optional().describe("true: adds steps[] with what took how long."),
});

const step = z.object({
  name: z.enum(["cache", "provider", "storage"]),
  ms: z.int().nonnegative(),
});

export const imageResult = z.object({
  ...resultFields,
  images: z.array(z.string()).describe("One URL per image."),
  output_storage: z.string().nullable().describe("Host that serves the images."),
  output_size_bytes: z.int().nullable().describe("Of the first image; null when it was not copied."),
  steps: z.array(step).optional(),
});
export type ImageResult = z.infer<typeof imageResult>;

export const quickImageBody = generateImageBody.extend({
  model: generationFields.model.default("fal-ai/flux/schnell"),
});

export const quickImageResult = z.object({
  id: z.string(),
  image_url: z.string(),
  images: z.array(z.string()),
  model: z.string(),
  provider: z.string(),
  mode: z.enum(["managed", "byok"]),
  estimated_cost_usd: z.number(),
  cost_per_megapixel_usd: z.number(),
  latency_ms: z.int(),
  resolution: z.object({ width: z.int(), height: z.int() }).describe("Pixels, as asked for."),
  created_at: z.iso.datetime({ precision: 3 }),
});
export type QuickImageResult = z.infer<typeof quickImageResult>;
