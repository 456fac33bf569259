/** What a catalogue entry is. A new model is a new entry; nothing else changes. */
import { z } from "zod";
import { checkModel } from "./consistency.js";

/**
 * `field`: the provider's name of the param when it is another; two params of one field are two names of one thing.
 * `alwaysSent`: its default is sent too, as the provider has none of its own, or one we do not want to rely on.
 */
const place = { field: z.string().optional(), alwaysSent: z.boolean().default(false) };

const paramSpec = z.discriminatedUnion("type", [
  z.strictObject({
    ...place,
    type: z.literal("string"),
    values: z.array(z.string()).min(1).optional(),
    maxLength: z.int().positive().optional(),
    default: z.string().optional(),
    /** From a value to the provider's spelling of it. */
    map: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({
    ...place,
    type: z.enum(["integer", "number"]),
    min: z.number().optional(),
    max: z.number().optional(),
    default: z.number().optional(),
  }),
  z.strictObject({ ...place, type: z.literal("boolean"), default: z.boolean().optional() }),
  /** The public https URL of a further image. */
  z.strictObject({ ...place, type: z.literal("image_url"), default: z.undefined().optional() }),
  /** One of the provider's named sizes, or {width, height} in pixels. */
  z.strictObject({
    ...place,
    type: z.literal("size"),
    values: z.array(z.string()),
    maxPixels: z.int().positive(),
    default: z.string().optional(),
  }),
]);

/** How the generic `width` and `height` reach the provider. */
const size = z.discriminatedUnion("as", [
  /** One field that holds {width, height}. */
  z.strictObject({ as: z.literal("object"), field: z.string(), maxPixels: z.int().positive() }),
  /** Two fields of pixels. `mode`: a field with a value that goes with them, as "custom" in place of an aspect ratio. */
  z.strictObject({
    as: z.literal("fields"),
    width: z.string(),
    height: z.string(),
    min: z.int().positive(),
    max: z.int().positive(),
    multipleOf: z.int().positive().default(1),
    mode: z.strictObject({ field: z.string(), value: z.string() }).optional(),
  }),
  /**
   * One field that names one of the model's own sizes; the one with the same shape is taken. A value written "4:5" tells
   * the shape itself, as the pixels are often rounded.
   */
  z.strictObject({
    as: z.literal("listed"),
    field: z.string(),
    sizes: z.array(z.strictObject({ value: z.string(), width: z.int().positive(), height: z.int().positive() })).min(1),
  }),
]);

/** How one generic request becomes the provider's own body for this model. */
const variant = z.strictObject({
  endpoint: z.string().min(1),
  /** Fields that are the same in every call. */
  fixed: z.record(z.string(), z.json()).default({}),
  promptField: z.string().min(1).default("prompt"),
  /** UTF-16 units. */
  promptMaxLength: z.int().positive().optional(),
  imageField: z.string().optional(),
  /** `seconds-suffix` writes "8s", `string` "8", `integer` 8. */
  duration: z.strictObject({ field: z.string(), as: z.enum(["seconds-suffix", "string", "integer"]) }).optional(),
  size: size.optional(),
  /** How `num_images` reaches the provider; without it a call makes one. */
  count: z.strictObject({ field: z.string(), max: z.int().positive() }).optional(),
  params: z.record(z.string(), paramSpec).default({}),
});

const priced = z.union([z.string(), z.boolean()]);
/**
 * Micro-USD per unit; the first rule of `when` whose params all match wins over `micro`. A list matches by any of its
 * values. What counts is what the provider will get, by whichever name it was asked for: a default, another name of the
 * same field, or a size of a list.
 */
const price = z.strictObject({
  unit: z.enum(["second", "megapixel", "image", "video"]),
  /** Null: what a generation costs is not known. */
  micro: z.int().nonnegative().nullable(),
  when: z
    .array(
      z.strictObject({
        params: z.record(z.string(), z.union([priced, z.array(priced).min(1)])),
        micro: z.int().nonnegative(),
      }),
    )
    .default([]),
});

const shape = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][\w.:@-]*)*$/i),
  provider: z.string(),
  mediaType: z.enum(["video", "image"]),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  tags: z.array(z.string()).default([]),
  featured: z.boolean().default(false),
  /** The day the provider brought it out. */
  addedAt: z.iso.date(),
  /** Whole seconds a caller may get; empty for images. */
  durationsSeconds: z.array(z.int().positive()).default([]),
  /** Without an image, with an image; a model has one or both. */
  variants: z.strictObject({ text: variant.optional(), image: variant.optional() }),
  price: price.default({ unit: "video", micro: null, when: [] }),
  /** Seconds a render usually takes. */
  usualSeconds: z.number().positive(),
});

export const catalogueModel = shape.superRefine(checkModel);

export type CatalogueModel = z.output<typeof shape>;
export type CatalogueEntry = z.input<typeof shape>;
export type Variant = z.output<typeof variant>;
export type ParamSpec = z.output<typeof paramSpec>;
export type SizeSpec = z.output<typeof size>;
