import { z } from "zod";

/** The fields that the models share. Runway validates with zod too, so zod's own messages are the right ones. */

const MAX_URL_CHARACTERS = 2048;
const MAX_DATA_URI_CHARACTERS = 5 * 1024 * 1024;
const MAX_SEED = 2 ** 32 - 1;
/** The real Runway accepts only https; http is allowed here for pictures on this machine. */
const ADDRESS = /^(https?|runway):\/\/[^\s]/;
const DATA_URI = /^data:(?<type>image|video|audio)\/[\w.+-]+;base64,/;
type MediaType = "image" | "video" | "audio";

const tooLong = (input: string, maximum: number) =>
  ({ code: "too_big", origin: "string", maximum, inclusive: true, input, continue: true }) as const;

/** Runway counts UTF-16 code units; zod's own `max` counts code points. */
export const promptUpTo = (maxUnits: number) =>
  z
    .string()
    .min(1)
    .check(({ value, issues }) => {
      if (value.length > maxUnits) issues.push(tooLong(value, maxUnits));
    });
export const promptText = promptUpTo(1000);

export const seed = z.int().min(0).max(MAX_SEED).optional();

export const contentModeration = z
  .strictObject({ publicFigureThreshold: z.enum(["auto", "low"]).optional() })
  .optional();

/**
 * The address of a picture or the picture itself, each with its own limit. With `continue` the answer says what is
 * wrong with the string, instead of "neither string nor array".
 */
const mediaUri = (type: MediaType) =>
  z.string().check(({ value, issues }) => {
    const isDataUri = value.startsWith("data:");
    const isValid = isDataUri ? DATA_URI.exec(value)?.groups?.["type"] === type : ADDRESS.test(value);
    if (!isValid) {
      const article = type === "video" ? "a" : "an";
      const message = `Invalid input: expected an HTTPS URL, a Runway upload URI or a base64 data URI of ${article} ${type}`;
      issues.push({ code: "custom", message, input: value, continue: true });
    }
    const maximum = isDataUri ? MAX_DATA_URI_CHARACTERS : MAX_URL_CHARACTERS;
    if (value.length > maximum) issues.push(tooLong(value, maximum));
  });
export const imageUri = mediaUri("image");
export const videoUri = mediaUri("video");

const frames = <P extends string>(positions: readonly [P, ...P[]]) =>
  z.array(z.strictObject({ uri: imageUri, position: z.enum(positions) })).min(1);

/** A string stands for a single first frame. */
export const firstFrame = z.union([imageUri, frames(["first"]).max(1)]);

export const firstAndLastFrame = z.union([
  imageUri,
  frames(["first", "last"])
    .max(2)
    .refine((listed) => listed.filter(({ position }) => position === "first").length === 1, {
      error: "Exactly one image must have the position `first`",
    }),
]);

export const references = (max: number) =>
  z
    .array(z.strictObject({ uri: imageUri }))
    .max(max)
    .optional();

const tag = z.string().regex(/^[a-z]\w{2,15}$/i);
export const referenceImages = z.array(z.strictObject({ uri: imageUri, tag: tag.optional() })).max(3);
