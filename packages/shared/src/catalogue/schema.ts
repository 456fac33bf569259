/** What a catalogue entry holds. A new model needs a new entry and no code. */
import { z } from "zod";
import { checkModel } from "./consistency.js";

/**
 * `field`: the provider's name of the param, if it differs. Two params with the same field are two names of one param.
 * `alwaysSent`: the default is sent too, because the provider has no default or one that we do not want to rely on.
 */
const place = { field: z.string().optional(), alwaysSent: z.boolean().default(false) };

const paramSpec = z.discriminatedUnion("type", [
  z.strictObject({
    ...place,
    type: z.literal("string"),
    values: z.array(z.string()).min(1).optional(),
    maxLength: z.int().positive().optional(),
    default: z.string().optional(),
    /** The provider's spelling of each value. */
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
  /** The public https URL of one more image. */
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

/** How the generic `width` and `height` are sent to the provider. */
const size = z.discriminatedUnion("as", [
  /** One field that holds {width, height}. */
  z.strictObject({ as: z.literal("object"), field: z.string(), maxPixels: z.int().positive() }),
  /** Two fields in pixels. `mode`: a field that is sent with them, as an aspect ratio of "custom". */
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
   * One field that names one of the model's own sizes: the one with the requested shape is taken. A value as "4:5" is
   * the shape itself, since the pixels are often rounded.
   */
  z.strictObject({
    as: z.literal("listed"),
    field: z.string(),
    sizes: z.array(z.strictObject({ value: z.string(), width: z.int().positive(), height: z.int().positive() })).min(1),
  }),
]);

/** How the URLs of one role are sent to the provider. Roles with the same list field add to one list. */
const mediaInput = z.strictObject({
  field: z.string().min(1),
  /** Whether the variant is only for calls with it. */
  required: z.boolean().default(false),
  as: z.enum(["url", "list"]).default("url"),
  /** How many URLs a call may have. */
  max: z.int().positive().default(1),
  /** Each URL is in an object: `url` names its field there, `with` has the other fields. */
  object: z.strictObject({ url: z.string().min(1), with: z.record(z.string(), z.json()).default({}) }).optional(),
});
const mediaInputs = z.strictObject({
  first: mediaInput.optional(),
  last: mediaInput.optional(),
  reference: mediaInput.optional(),
  video: mediaInput.optional(),
  audio: mediaInput.optional(),
});

/** How a generic request becomes the provider's body for this model. */
const variantFields = z.strictObject({
  endpoint: z.string().min(1),
  /** Fields with the same value in every call. */
  fixed: z.record(z.string(), z.json()).default({}),
  /** Null: the model takes no prompt. */
  promptField: z.string().min(1).nullable().default("prompt"),
  /** Whether a call may leave the prompt out. */
  promptOptional: z.boolean().default(false),
  /** In UTF-16 units. */
  promptMaxLength: z.int().positive().optional(),
  /** Short for `inputs.first` with this field. */
  imageField: z.string().optional(),
  /** The images, videos and sounds that it takes, by role. */
  inputs: mediaInputs.default({}),
  /** In place of the model's. */
  durationsSeconds: z.array(z.int().positive()).optional(),
  /** `seconds-suffix` writes "8s", `string` "8", `integer` 8. */
  duration: z.strictObject({ field: z.string(), as: z.enum(["seconds-suffix", "string", "integer"]) }).optional(),
  size: size.optional(),
  /** How `num_images` is sent to the provider; without it a call makes one image. */
  count: z.strictObject({ field: z.string(), max: z.int().positive() }).optional(),
  params: z.record(z.string(), paramSpec).default({}),
});

/** What providers call the last frame. A param with such a name was there before `inputs`, and is the same image. */
const LAST_FRAME_PARAMS = ["last_frame", "last_frame_image", "tail_image_url", "end_image_url", "end_image"];

function lastFrameOf(params: Record<string, z.output<typeof paramSpec>>): z.output<typeof mediaInput> | undefined {
  const name = LAST_FRAME_PARAMS.find((one) => params[one]?.type === "image_url");
  return name === undefined ? undefined : mediaInput.parse({ field: params[name]?.field ?? name });
}

const variant = variantFields.transform(({ imageField, inputs, ...rest }, context) => {
  if (imageField !== undefined && inputs.first !== undefined) {
    context.issues.push({
      code: "custom",
      input: imageField,
      path: ["imageField"],
      message: "is the same as inputs.first",
    });
  }
  const first = imageField === undefined ? inputs.first : mediaInput.parse({ field: imageField });
  const last = inputs.last ?? (first === undefined ? undefined : lastFrameOf(rest.params));
  return { ...rest, inputs: { ...inputs, ...(first && { first }), ...(last && { last }) } };
});

const priced = z.union([z.string(), z.boolean()]);
const condition = z.record(z.string(), z.union([priced, z.array(priced).min(1)]));

/**
 * A video's tokens are the pixels of all its frames, divided by 1024. The first size whose params all match applies; the
 * params are as in a rule of `when`.
 */
const tokens = z.strictObject({
  framesPerSecond: z.number().positive(),
  sizes: z.array(z.strictObject({ params: condition, width: z.int().positive(), height: z.int().positive() })).min(1),
});

/**
 * Micro-USD per unit. The first rule of `when` whose params all match replaces `micro`; a list matches by any of its
 * values. Rules look at what the provider gets, by whatever name the caller gave it: a default, another name of the
 * same field, or a listed size.
 */
const price = z.strictObject({
  unit: z.enum(["second", "megapixel", "image", "video", "thousand_tokens"]),
  /** Null when the price is not known. */
  micro: z.int().nonnegative().nullable(),
  when: z.array(z.strictObject({ params: condition, micro: z.int().nonnegative() })).default([]),
  /** Only for a price per thousand tokens. */
  tokens: tokens.optional(),
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
  /** The day the provider released it; the day it was added here, if no source says that day. */
  addedAt: z.iso.date(),
  /**
   * Where the inputs and the price are from, and the day on which somebody looked there. Built-in entries must have it.
   * `price` begins with "not known" when there is no price.
   */
  source: z.strictObject({ inputs: z.string().min(1), price: z.string().min(1), seenAt: z.iso.date() }).optional(),
  /** The durations that the model makes, in whole seconds; empty for images. */
  durationsSeconds: z.array(z.int().positive()).default([]),
  /** By the inputs of a call (inputs.ts); a model has one or more. */
  variants: z.strictObject({
    text: variant.optional(),
    image: variant.optional(),
    first_last: variant.optional(),
    reference: variant.optional(),
    video: variant.optional(),
  }),
  price: price.default({ unit: "video", micro: null, when: [] }),
  /** What a dialect of the API calls it, by the name of the dialect. Where answers show an alias, it is the first. */
  aliases: z.record(z.string(), z.array(z.string().min(1)).min(1)).default({}),
  /** How long a render usually takes. */
  usualSeconds: z.number().positive(),
});

export const catalogueModel = shape.superRefine(checkModel);

export type CatalogueModel = z.output<typeof shape>;
export type CatalogueEntry = z.input<typeof shape>;
export type PriceUnit = CatalogueModel["price"]["unit"];
export type Variant = z.output<typeof variant>;
export type ParamSpec = z.output<typeof paramSpec>;
export type SizeSpec = z.output<typeof size>;
export type MediaInputSpec = z.output<typeof mediaInput>;
export type VariantKind = keyof CatalogueModel["variants"];

/** The variant for calls with, or without, an image; undefined when the model does not take such calls. */
export function variantOf(model: CatalogueModel, hasImage: boolean): Variant | undefined {
  return hasImage ? model.variants.image : model.variants.text;
}

// What entries of several models share.

export type VariantEntry = NonNullable<CatalogueEntry["variants"]["text"]>;
export type Params = NonNullable<VariantEntry["params"]>;
export type PriceRule = NonNullable<NonNullable<CatalogueEntry["price"]>["when"]>[number];
export type Source = NonNullable<CatalogueEntry["source"]>;

export const seed = { type: "integer", min: 0, max: 2 ** 32 - 1 } as const;
/** Providers document no limit, so the limit of the prompt applies. */
export const freeText = { type: "string", maxLength: 10_000 } as const;

/** The price rule of a model that charges extra for sound. */
export const withAudio = (micro: number): PriceRule[] => [{ params: { generate_audio: true }, micro }];

/** A string out of a list, with the provider's default. */
export const oneOf = (values: string[], standard: string) =>
  ({ type: "string", values, default: standard }) satisfies Params[string];

export const flag = (standard: boolean) => ({ type: "boolean", default: standard }) as const;

/** Whole seconds from the first to the last, as a model makes them. */
export const seconds = (first: number, last: number, step = 1): number[] =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
