/** Models that start from a video. The simulator does not read it: what they make always has the same length here. */
import { z } from "zod";
import { contentModeration, imageUri, promptUpTo, seed, videoUri } from "./fields.js";

const FIXED_SECONDS = 5;
/** Not a field of the body. */
const duration = z
  .never()
  .optional()
  .transform(() => FIXED_SECONDS);
const percent = z.int().min(0).max(100).optional();

const aleph2 = z.strictObject({
  model: z.literal("aleph2"),
  videoUri,
  promptText: promptUpTo(1000).optional(),
  targetAspectRatio: z.enum(["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"]).optional(),
  seed,
  contentModeration,
  /** The real Runway has three other formats; these films are MP4s. */
  outputFormat: z.literal("mp4").optional(),
  duration,
});

const actTwo = z.strictObject({
  model: z.literal("act_two"),
  character: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("image"), uri: imageUri }),
    z.strictObject({ type: z.literal("video"), uri: videoUri }),
  ]),
  reference: z.strictObject({ type: z.literal("video"), uri: videoUri }),
  ratio: z.enum(["1280:720", "720:1280", "960:960", "1104:832", "832:1104", "1584:672"]).optional(),
  bodyControl: z.boolean().optional(),
  expressionIntensity: z.int().min(1).max(5).optional(),
  seed,
  contentModeration,
  duration,
});

const upscaler = z.strictObject({
  model: z.literal("magnific_video_upscaler_creative"),
  videoUri,
  resolution: z.enum(["720p", "1k", "2k", "4k"]).default("2k"),
  flavor: z.enum(["vivid", "natural"]).optional(),
  creativity: percent,
  sharpen: percent,
  smartGrain: percent,
  fpsBoost: z.boolean().optional(),
  duration,
});

export const VIDEO_TO_VIDEO = [aleph2] as const;
export const CHARACTER_PERFORMANCE = [actTwo] as const;
export const VIDEO_UPSCALE = [upscaler] as const;
