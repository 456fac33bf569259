import { z } from "zod";

/** The inputs that the models share. Runway validates with zod too, so that zod's own words are the right ones. */

const MAX_PROMPT_UNITS = 1000;
const MAX_URL_CHARACTERS = 2048;
const MAX_DATA_URI_CHARACTERS = 5 * 1024 * 1024;
const MAX_SEED = 2 ** 32 - 1;
/** The real one takes https alone; http is for pictures on this machine. */
const ADDRESS = /^(https?|runway):\/\/[^\s]/;
const DATA_URI = /^data:image\/[\w.+-]+;base64,/;

export const promptText = z.string().min(1).max(MAX_PROMPT_UNITS);

export const seed = z.int().min(0).max(MAX_SEED).optional();

export const contentModeration = z
  .strictObject({ publicFigureThreshold: z.enum(["auto", "low"]).optional() })
  .optional();

/**
 * A picture's address or the picture itself, each with its limit. `continue` keeps a bad one from counting as "neither string
 * nor array", so that the answer says what is wrong with it.
 */
export const imageUri = z.string().check((ctx) => {
  const isDataUri = ctx.value.startsWith("data:");
  if (!(isDataUri ? DATA_URI : ADDRESS).test(ctx.value)) {
    const message = "Invalid input: expected an HTTPS URL, a Runway upload URI or a base64 data URI of an image";
    ctx.issues.push({ code: "custom", message, input: ctx.value, continue: true });
  }
  const maximum = isDataUri ? MAX_DATA_URI_CHARACTERS : MAX_URL_CHARACTERS;
  if (ctx.value.length > maximum)
    ctx.issues.push({ code: "too_big", origin: "string", maximum, inclusive: true, input: ctx.value, continue: true });
});

const keyframe = <P extends string>(position: P) => z.strictObject({ uri: imageUri, position: z.literal(position) });

/** A string is short for one first frame. */
export const firstFrame = z.union([imageUri, z.array(keyframe("first")).length(1)]);

const eitherFrame = z.strictObject({ uri: imageUri, position: z.enum(["first", "last"]) });

/** A last frame goes only with a first one. */
export const firstAndLastFrame = z.union([
  imageUri,
  z
    .array(eitherFrame)
    .min(1)
    .max(2)
    .refine((frames) => frames.filter(({ position }) => position === "first").length === 1, {
      error: "Exactly one image must have the position `first`",
    }),
]);

const tag = z.string().regex(/^[a-z]\w{2,15}$/i);
export const referenceImages = z.array(z.strictObject({ uri: imageUri, tag: tag.optional() })).max(3);
