/** The catalogue as callers see it. */
import { z } from "zod";
import { INPUT_ROLES } from "../request/record.js";
import { modelId } from "./formats.js";

const params = z.record(z.string(), z.unknown()).optional();

const price = z.object({
  unit: z.enum(["second", "megapixel", "image", "video", "thousand_tokens"]),
  micro: z.int().nullable().describe("Micro-USD per unit. Null when the price is not known."),
  when: z
    .array(z.object({ params: z.record(z.string(), z.unknown()), micro: z.int() }))
    .describe(
      "The first of these whose params all match the call replaces micro. A list matches by any of its values.",
    ),
  tokens: z
    .object({
      frames_per_second: z.number(),
      sizes: z
        .array(z.object({ params: z.record(z.string(), z.unknown()), width: z.int(), height: z.int() }))
        .describe("The first of these whose params all match the call is the size of the video, in pixels."),
    })
    .optional()
    .describe(
      "Only with the unit thousand_tokens. The tokens of a video are width x height x frames_per_second x seconds / 1024.",
    ),
});

export const modelView = z.object({
  id: z.string(),
  name: z.string(),
  dialect_name: z.string().optional().describe("What the dialect of the query calls it. Only with ?dialect=."),
  provider: z.string(),
  media_type: z.enum(["video", "image"]),
  description: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  capabilities: z.array(z.string()),
  input_types: z.array(z.string()),
  output_type: z.string(),
  base_cost_micro: z
    .int()
    .describe(
      "Micro-USD for one generation with all defaults: a video of 5 s (or the next longer duration), or one 1024x1024 image.",
    ),
  normalized_cost_micro: z.int().describe("Micro-USD per unit with all defaults."),
  pricing: z
    .string()
    .nullable()
    .meta({ example: "$0.20 per second, $0.40 with audio" })
    .describe("The price as a short text. Null when it is not known."),
  price: price.describe("The price for programs."),
  pricing_unit: z.string(),
  usual_render_seconds: z.number().describe("How many seconds a generation usually takes."),
  run_count: z.int(),
  first_seen_at: z.string(),
  last_synced_at: z.string(),
  limits: z.object({
    durations_seconds: z.array(z.number()).describe("The possible durations of a video, in seconds; empty for images."),
    aspect_ratios: z
      .array(z.string())
      .describe('As "16:9"; empty when the model takes any ratio, or that of the image.'),
    resolutions: z.array(z.string()).describe('As "1080p", or as "1024x1024" for a model that makes only these sizes.'),
    image_input: z.enum(["none", "optional", "required"]).describe("Whether it takes a first image (image_url)."),
    inputs: z
      .array(z.object({ role: z.enum(INPUT_ROLES), required: z.boolean(), max: z.int() }))
      .describe(
        "The images, videos and sounds that it takes, by role. first, last and reference are roles of image_urls. A " +
          "model may take only some of them together; the 422 then says which.",
      ),
    negative_prompt: z.boolean().describe("Whether the model takes a negative_prompt. Others answer it with a 422."),
  }),
  params: z
    .object({ text: params, image: params, first_last: params, reference: params, video: params })
    .describe(
      "The model params with their values and defaults: for calls without an image (text), with a first one (image), " +
        "with a first and a last one, with references, and with a video.",
    ),
});
export type ModelView = z.infer<typeof modelView>;

export const modelsQuery = z.object({
  provider: z.string().optional().describe("Only models of this provider."),
  media_type: z.enum(["video", "image"]).optional().describe("Only models that make videos, or images."),
  capability: z.string().optional().describe("text-to-video, image-to-video or text-to-image."),
  search: z.string().trim().max(200).optional().describe("Words that must all occur in id, name, description or tags."),
  sort: z.enum(["name", "cost", "newest", "popular"]).default("name").describe("The order of the models."),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe("The maximum number of models. total_count counts all of them."),
  featured: z
    .enum(["true", "false"])
    .optional()
    .describe("The featured models come in groups beside the list, which stays whole."),
});
export type ModelsQuery = z.infer<typeof modelsQuery>;

export const modelsAnswer = z.object({
  models: z.array(modelView),
  total_count: z.int(),
  last_updated: z.string(),
  featured: z.array(z.object({ title: z.string(), key: z.string(), models: z.array(modelView) })),
  routes: z
    .array(
      z.object({
        id: z.string(),
        media_type: modelView.shape.media_type,
        models: z.array(modelId),
        prefer: z.enum(["price", "speed", "order"]),
      }),
    )
    .optional()
    .describe("Names that the operator has given to several models. A call can name one as its model."),
});
export type ModelsAnswer = z.infer<typeof modelsAnswer>;
