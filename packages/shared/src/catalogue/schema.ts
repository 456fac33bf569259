/** What a catalogue entry is. A new model is a new entry; nothing else changes. */
import { z } from "zod";

const paramSpec = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("string"),
    values: z.array(z.string()).min(1).optional(),
    maxLength: z.int().positive().optional(),
    default: z.string().optional(),
  }),
  z.strictObject({
    type: z.enum(["integer", "number"]),
    min: z.number().optional(),
    max: z.number().optional(),
    default: z.number().optional(),
  }),
  z.strictObject({ type: z.literal("boolean"), default: z.boolean().optional() }),
  z.strictObject({
    type: z.literal("size"),
    values: z.array(z.string()),
    maxPixels: z.int().positive(),
    default: z.string().optional(),
  }),
]);

/** How one generic request becomes the provider's own body for this model. */
const variant = z.strictObject({
  endpoint: z.string().min(1),
  promptField: z.string().default("prompt"),
  imageField: z.string().optional(),
  /** `seconds-suffix` writes "8s", `string` "8", `integer` 8. */
  duration: z.strictObject({ field: z.string(), as: z.enum(["seconds-suffix", "string", "integer"]) }).optional(),
  params: z.record(z.string(), paramSpec).default({}),
});

/** Micro-USD per unit; the first rule of `when` that matches the params (or their defaults) wins over `micro`. */
const price = z.strictObject({
  unit: z.enum(["second", "megapixel", "image"]),
  micro: z.int().nonnegative(),
  when: z
    .array(z.strictObject({ param: z.string(), equals: z.union([z.string(), z.boolean()]), micro: z.int() }))
    .default([]),
});

export const catalogueModel = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._/-]*$/),
  provider: z.string(),
  mediaType: z.enum(["video", "image"]),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  tags: z.array(z.string()).default([]),
  featured: z.boolean().default(false),
  addedAt: z.iso.date(),
  /** Whole seconds a caller may get; empty for images. */
  durationsSeconds: z.array(z.number().positive()).default([]),
  /** Without an image, with an image; a model has one or both. */
  variants: z.strictObject({ text: variant.optional(), image: variant.optional() }),
  price,
  usualSeconds: z.number().positive(),
});

export type CatalogueModel = z.output<typeof catalogueModel>;
export type CatalogueEntry = z.input<typeof catalogueModel>;
export type Variant = z.output<typeof variant>;
export type ParamSpec = z.output<typeof paramSpec>;
