import { z } from "zod";

/** The documented inputs of Replicate's models, under Replicate's names and types. Unknown fields are ignored. */

const prompt = z.string().min(1);
const seed = z.int().optional();
const picture = z.string().min(1).optional();

const veo = {
  prompt,
  image: picture,
  duration: z.literal([4, 6, 8]).default(8),
  aspect_ratio: z.enum(["16:9", "9:16"]).default("16:9"),
  resolution: z.enum(["720p", "1080p"]).default("1080p"),
  generate_audio: z.boolean().default(true),
  negative_prompt: z.string().optional(),
  seed,
};

export const veo3 = z.object(veo);
export const veo31 = z.object({
  ...veo,
  last_frame: picture,
  reference_images: z.array(z.string().min(1)).max(3).default([]),
});

export const klingTurbo = z.object({
  prompt,
  start_image: picture,
  end_image: picture,
  /** Deprecated in favour of start_image. */
  image: picture,
  duration: z.literal([5, 10]).default(5),
  aspect_ratio: z.enum(["16:9", "9:16", "1:1"]).default("16:9"),
  negative_prompt: z.string().default(""),
});

const RATIOS = ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21"] as const;
const quality = z.int().min(0).max(100).default(80);
const outputFormat = z.enum(["webp", "jpg", "png"]).default("webp");

const flux = {
  prompt,
  aspect_ratio: z.enum(RATIOS).default("1:1"),
  num_outputs: z.int().min(1).max(4).default(1),
  seed,
  output_format: outputFormat,
  output_quality: quality,
  disable_safety_checker: z.boolean().default(false),
  go_fast: z.boolean().default(true),
  megapixels: z.enum(["1", "0.25"]).default("1"),
};

export const fluxSchnell = z.object({ ...flux, num_inference_steps: z.int().min(1).max(4).default(4) });
/** The image-to-image mode of this model is not simulated. */
export const fluxDev = z.object({
  ...flux,
  num_inference_steps: z.int().min(1).max(50).default(28),
  guidance: z.number().min(0).max(10).default(3),
});

/** The image-to-image mode of this model is not simulated. */
export const stableDiffusion35 = z.object({
  prompt,
  negative_prompt: z.string().default(""),
  aspect_ratio: z.enum(["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "9:16", "9:21"]).default("1:1"),
  cfg: z.number().min(1).max(10).default(5),
  seed,
  output_format: outputFormat,
});

const side = z.int().min(256).max(1440).optional();
export const flux11Pro = z.object({
  prompt,
  aspect_ratio: z.enum(["custom", ...RATIOS]).default("1:1"),
  width: side,
  height: side,
  safety_tolerance: z.int().min(1).max(6).default(2),
  seed,
  prompt_upsampling: z.boolean().default(false),
  output_format: outputFormat,
  output_quality: quality,
});

export const veo31Fast = z.object({ ...veo, last_frame: picture });

/** Takes no prompt: it makes the given video larger. */
export const videoUpscale = z.object({
  video: z.string().min(1),
  target_fps: z.int().min(15).max(120).default(60),
  target_resolution: z.enum(["720p", "1080p", "4k"]).default("1080p"),
});

const references = (max: number) => z.array(z.string().min(1)).max(max).default([]);
export const seedance2 = z.object({
  prompt,
  image: picture,
  last_frame_image: picture,
  reference_images: references(9),
  reference_videos: references(3),
  reference_audios: references(3),
  /** The real Seedance takes -1, too: then it chooses the length. */
  duration: z.int().min(4).max(15).default(5),
  resolution: z.enum(["480p", "720p", "1080p"]).default("720p"),
  aspect_ratio: z.enum(["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "9:21", "adaptive"]).default("16:9"),
  generate_audio: z.boolean().default(true),
  seed,
});

/** Editing a video is not simulated. */
export const grokImagine = z.object({
  prompt,
  image: picture,
  duration: z.int().min(1).max(15).default(5),
  resolution: z.enum(["720p", "480p"]).default("720p"),
  aspect_ratio: z.enum(["auto", "16:9", "4:3", "1:1", "9:16", "3:4", "3:2", "2:3"]).default("auto"),
});

const FLUX_2_MAX_SIDE = 2048;
const flux2Side = z.int().min(256).max(FLUX_2_MAX_SIDE).optional();
/** The image-to-image modes of this model and the next two are not simulated. */
export const flux2Pro = z.object({
  prompt,
  aspect_ratio: z.enum(["custom", "1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"]).default("1:1"),
  width: flux2Side,
  height: flux2Side,
  resolution: z.enum(["0.5 MP", "1 MP", "2 MP", "4 MP"]).default("1 MP"),
  safety_tolerance: z.int().min(1).max(5).default(2),
  output_format: outputFormat,
  output_quality: quality,
  seed,
});

const bananaShapes = ["1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1"] as const;
export const nanoBanana2 = z.object({
  prompt,
  aspect_ratio: z.enum(["match_input_image", ...bananaShapes, "9:16", "16:9", "21:9"]).default("match_input_image"),
  resolution: z.enum(["1K", "2K", "4K"]).default("1K"),
  google_search: z.boolean().default(false),
  image_search: z.boolean().default(false),
  output_format: z.enum(["jpg", "png"]).default("jpg"),
});

export const seedream45 = z.object({
  prompt,
  aspect_ratio: z
    .enum(["match_input_image", "1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9"])
    .default("match_input_image"),
  size: z.enum(["2K", "4K"]).default("2K"),
  max_images: z.int().min(1).max(15).default(1),
  sequential_image_generation: z.enum(["disabled", "auto"]).default("disabled"),
});
