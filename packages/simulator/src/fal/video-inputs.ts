import { z } from "zod";
import { imageUrl, negativePrompt, prompt, seed } from "./inputs.js";

/** The documented inputs of Kling O3, Hailuo, Seedance, LTX and PixVerse at fal. Unknown fields are ignored. */

const strings = (first: number, last: number) =>
  z.enum(Array.from({ length: last - first + 1 }, (_, index) => String(first + index)));

/** Several shots (`multi_prompt`) are not simulated, so the prompt is required here. */
export const klingO3Image = z.object({
  prompt,
  image_url: imageUrl,
  end_image_url: imageUrl.optional(),
  duration: strings(3, 15).default("5"),
  generate_audio: z.boolean().optional(),
});

export const klingMotion = z.object({
  prompt: z.string().optional(),
  image_url: imageUrl,
  video_url: imageUrl,
  character_orientation: z.enum(["image", "video"]),
  keep_original_sound: z.boolean().default(true),
});

export const hailuoText = z.object({ prompt, prompt_optimizer: z.boolean().default(true) });
export const hailuoImage = hailuoText.extend({ image_url: imageUrl });

const seedanceShape = z.enum(["21:9", "16:9", "4:3", "1:1", "3:4", "9:16", "auto"]);
export const seedance15Text = z.object({
  prompt,
  aspect_ratio: seedanceShape.default("16:9"),
  resolution: z.enum(["480p", "720p", "1080p"]).default("720p"),
  duration: strings(4, 12).default("5"),
  camera_fixed: z.boolean().default(false),
  generate_audio: z.boolean().default(true),
  enable_safety_checker: z.boolean().default(true),
  seed,
});
export const seedance15Image = seedance15Text.extend({ image_url: imageUrl, end_image_url: imageUrl.optional() });

const seedance2 = {
  prompt,
  resolution: z.enum(["480p", "720p"]).default("720p"),
  /** The real Seedance chooses a length for "auto"; here it is five seconds. */
  duration: z.union([z.literal("auto").transform(() => "5"), strings(4, 15)]).default("5"),
  generate_audio: z.boolean().default(true),
  seed,
};
export const seedance2Text = z.object({ ...seedance2, aspect_ratio: seedanceShape.default("auto") });
export const seedance2Image = z.object({ ...seedance2, image_url: imageUrl, end_image_url: imageUrl.optional() });

export const seedance2Reference = z
  .object({
    ...seedance2,
    aspect_ratio: seedanceShape.default("auto"),
    image_urls: z.array(imageUrl).max(9).default([]),
    video_urls: z.array(imageUrl).max(3).default([]),
    audio_urls: z.array(imageUrl).max(3).default([]),
  })
  .refine(
    ({ image_urls: images, video_urls: videos, audio_urls: sounds }) =>
      sounds.length === 0 || images.length + videos.length > 0,
    {
      path: ["audio_urls"],
      error: "If audio is provided, at least one reference image or video is required",
    },
  );

const ltx = {
  prompt,
  duration: z.literal([6, 8, 10]).default(6),
  resolution: z.enum(["1080p", "1440p", "2160p"]).default("1080p"),
  aspect_ratio: z.enum(["16:9", "9:16"]).default("16:9"),
  generate_audio: z.boolean().default(true),
};
export const ltxText = z.object(ltx);
export const ltxImage = z.object({
  ...ltx,
  aspect_ratio: z.enum(["auto", "16:9", "9:16"]).default("auto"),
  image_url: imageUrl,
  end_image_url: imageUrl.optional(),
});
const LONG = 10;
export const ltxFast = z
  .object({ ...ltx, duration: z.literal([6, 8, 10, 12, 14, 16, 18, 20]).default(6) })
  .refine(({ duration, resolution }) => duration <= LONG || resolution === "1080p", {
    path: ["duration"],
    error: "Durations longer than 10 seconds are only supported with 1080p resolution",
  });

const pixverse = {
  prompt,
  duration: z.int().min(1).max(15).default(5),
  resolution: z.enum(["360p", "540p", "720p", "1080p"]).default("720p"),
  negative_prompt: negativePrompt,
  style: z.enum(["anime", "3d_animation", "clay", "comic", "cyberpunk"]).optional(),
  thinking_type: z.enum(["enabled", "disabled", "auto"]).optional(),
  generate_audio_switch: z.boolean().optional(),
  generate_multi_clip_switch: z.boolean().optional(),
  seed,
};
export const pixverseText = z.object({
  ...pixverse,
  aspect_ratio: z.enum(["16:9", "4:3", "1:1", "3:4", "9:16", "2:3", "3:2", "21:9"]).default("16:9"),
});
export const pixverseImage = z.object({ ...pixverse, image_url: imageUrl });
