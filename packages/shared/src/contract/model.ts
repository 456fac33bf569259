/** The catalogue as callers see it. */
import { z } from "zod";

export const modelView = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
  media_type: z.enum(["video", "image"]),
  description: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  capabilities: z.array(z.string()),
  input_types: z.array(z.string()),
  output_type: z.string(),
  base_cost_micro: z.int().describe("Micro-USD of one generation with all defaults."),
  normalized_cost_micro: z.int().describe("Micro-USD per unit with all defaults."),
  pricing: z.record(z.string(), z.unknown()),
  pricing_unit: z.string(),
  run_count: z.int(),
  first_seen_at: z.string(),
  last_synced_at: z.string(),
  limits: z.object({
    durations_seconds: z.array(z.number()),
    aspect_ratios: z.array(z.string()),
    resolutions: z.array(z.string()),
    image_input: z.enum(["none", "optional", "required"]),
  }),
  params: z.record(z.string(), z.unknown()).describe("Model params, what they take and their defaults."),
});
export type ModelView = z.infer<typeof modelView>;

export const modelsQuery = z.object({
  provider: z.string().optional(),
  media_type: z.enum(["video", "image"]).optional(),
  capability: z.string().optional(),
  search: z.string().max(200).optional(),
  sort: z.enum(["name", "cost", "newest", "popular"]).default("name"),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  featured: z.enum(["true", "false"]).optional(),
});
export type ModelsQuery = z.infer<typeof modelsQuery>;

export const modelsAnswer = z.object({
  models: z.array(modelView),
  total_count: z.int(),
  last_updated: z.string(),
  featured: z.array(z.object({ title: z.string(), key: z.string(), models: z.array(modelView) })),
});
export type ModelsAnswer = z.infer<typeof modelsAnswer>;
