/** `POST /videos/generate`. */
import { z } from "zod";
import { uri } from "./formats.js";
import { generationFields, resultFields } from "./generation.js";
import { inputFields } from "./inputs.js";

/** Other top-level fields are model params. */
export const generateVideoBody = z.looseObject({
  ...generationFields,
  prompt: generationFields.prompt.nullish().describe("1 to 10,000 characters. Only few models need none."),
  ...inputFields,
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
