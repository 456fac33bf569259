import { z } from "zod";
import { contentModeration, firstAndLastFrame, firstFrame, promptText, referenceImages, seed } from "./fields.js";
import * as fromVideo from "./from-video.js";
import * as others from "./other-models.js";

const landscapeOrPortrait = z.enum(["1280:720", "720:1280"]);
const gen4Ratio = z.enum(["1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672"]);
const veoRatio = z.enum(["1280:720", "720:1280", "1080:1920", "1920:1080"]);
const gen4Seconds = z.int().min(2).max(10);

const gen45 = {
  model: z.literal("gen4.5"),
  promptText,
  duration: gen4Seconds,
  seed,
  contentModeration,
  /** The real Runway has ten other formats; these films are MP4s. */
  outputFormat: z.literal("mp4").optional(),
};

const veo = {
  promptText,
  ratio: veoRatio,
  duration: z.literal([4, 6, 8]).default(8),
  audio: z.boolean().default(true),
  negativePrompt: z.string().optional(),
  seed,
};
const veoFromImage = { ...veo, promptText: promptText.optional(), promptImage: firstAndLastFrame };

const veo31 = z.literal("veo3.1");
const veo31Fast = z.literal("veo3.1_fast");

/** Runway's whole message about an unknown model. */
const error = (issue: { code?: string }): string | undefined =>
  issue.code === "invalid_union" ? "Invalid input" : undefined;

const textToVideo = z.discriminatedUnion(
  "model",
  [
    z.strictObject({ ...gen45, ratio: landscapeOrPortrait }),
    z.strictObject({ ...veo, model: veo31 }),
    z.strictObject({ ...veo, model: veo31Fast }),
    ...others.TEXT_TO_VIDEO,
  ],
  { error },
);

const imageToVideo = z.discriminatedUnion(
  "model",
  [
    z.strictObject({ ...gen45, ratio: gen4Ratio, promptImage: firstFrame }),
    z.strictObject({
      model: z.literal("gen4_turbo"),
      promptImage: firstFrame,
      promptText: promptText.optional(),
      ratio: gen4Ratio,
      duration: gen4Seconds.default(10),
      seed,
      contentModeration,
    }),
    z.strictObject({ ...veoFromImage, model: veo31 }),
    z.strictObject({ ...veoFromImage, model: veo31Fast }),
    ...others.IMAGE_TO_VIDEO,
  ],
  { error },
);

const pictureRatio = z.enum([
  ...(["1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440", "1808:768", "1920:1080"] as const),
  ...(["1080:1920", "2112:912", "1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"] as const),
]);
const gen4Image = { promptText, ratio: pictureRatio, seed, contentModeration };

const textToImage = z.discriminatedUnion(
  "model",
  [
    z.strictObject({ ...gen4Image, model: z.literal("gen4_image"), referenceImages: referenceImages.optional() }),
    z.strictObject({ ...gen4Image, model: z.literal("gen4_image_turbo"), referenceImages: referenceImages.min(1) }),
    ...others.TEXT_TO_IMAGE,
  ],
  { error },
);

const videoToVideo = z.discriminatedUnion("model", fromVideo.VIDEO_TO_VIDEO, { error });
const characterPerformance = z.discriminatedUnion("model", fromVideo.CHARACTER_PERFORMANCE, { error });
const videoUpscale = z.discriminatedUnion("model", fromVideo.VIDEO_UPSCALE, { error });

export type FromVideoInput =
  | z.output<typeof videoToVideo>
  | z.output<typeof characterPerformance>
  | z.output<typeof videoUpscale>;
export type VideoInput = z.output<typeof textToVideo> | z.output<typeof imageToVideo> | FromVideoInput;
export type PictureInput = z.output<typeof textToImage>;
export type RunwayInput = VideoInput | PictureInput;
export type RunwayModel = RunwayInput["model"];

/** The body of each `POST /v1/{endpoint}`. A new model is an entry in its list and a price in `credits.ts`. */
export const ENDPOINTS: Readonly<Record<string, z.ZodType<RunwayInput>>> = {
  text_to_video: textToVideo,
  image_to_video: imageToVideo,
  video_to_video: videoToVideo,
  character_performance: characterPerformance,
  video_upscale: videoUpscale,
  text_to_image: textToImage,
};

export const isVideo = (input: RunwayInput): input is VideoInput => "duration" in input;
