/** The images, videos and sounds that a generation starts from. */
import { z } from "zod";

/** More than any model takes. */
const MAX_IMAGES = 30;

const urlOf = (type: string) =>
  z
    .string()
    .min(1)
    .meta({ format: "uri", pattern: `^(https://|data:${type}/)` });

const imageUrl = urlOf("image");
export const IMAGE_ROLES = ["first", "last", "reference"] as const;

const imageWithRole = z.strictObject({
  url: imageUrl,
  role: z.enum(IMAGE_ROLES).nullish().describe("Default: reference."),
});

const SOURCES = "an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server";

export const inputFields = {
  image_url: imageUrl.nullish().describe(`The first image: ${SOURCES}. A video starts from it.`),
  image_urls: z
    .array(z.union([imageUrl, imageWithRole], { error: "must be a URL, or {url, role: first, last or reference}" }))
    .min(1)
    .max(MAX_IMAGES)
    .nullish()
    .describe(
      "Several images, each a URL, or {url, role}. A URL without a role is a reference. image_url is the same as one " +
        "image with the role first. GET /models says which roles a model takes; others are a 422.",
    ),
  video_url: urlOf("video").nullish().describe(`A video to edit, extend or follow: ${SOURCES}.`),
  convert: z
    .boolean()
    .nullish()
    .describe(
      "true: an image in a data: URI that no provider takes as it is (HEIC, AVIF, GIF, TIFF, CMYK, turned by its camera) " +
        "is converted to JPEG or PNG. Not for https URLs, which the provider fetches: upload such a file by POST /files.",
    ),
  audio_url: urlOf("audio").nullish().describe(`A sound: ${SOURCES}.`),
};
