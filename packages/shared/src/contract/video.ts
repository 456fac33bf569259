/** `POST /videos/generate`. */
import { z } from "zod";
import { uri } from "./formats.js";
import { generationFields, resultFields } from "./generation.js";

/** Other top-level fields are model params. */
export const generateVideoBody = z.looseObject({
  ...generationFields,
  image_url: z
    .string()
    .min(1)
    .meta({ format: "uri", pattern: "^(https://|data:image/)" })
    .nullish()
    .describe(
      "https URL, data: URI (at most 5 MB), or the URL of an image that this server made; the video then starts from " +
        "this image.",
    ),
  duration_seconds: z
    .number()
    .positive()
    .nullish()
    .describe("In seconds. The default is 5. Rounded up to a duration that the model supports."),
});
export type GenerateVideoBody = z.infer<typeof generateVideoBody>;

export const videoResult = z.object({
  ...resultFields,
  video_url: uri,
  duration_seconds: z.number().nullable(),
});
export type VideoResult = z.infer<typeof videoResult>;
