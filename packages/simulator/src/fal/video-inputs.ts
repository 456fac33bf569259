import { z } from "zod";
import { imageUrl, negativePrompt, prompt, seed } from "./inputs.js";

/** The documented inputs of Kling O3, MiniMax, Seedance, LTX, PixVerse and Ray at fal. Unknown fields are ignored. */

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

const NEEDS_PICTURE = "If audio is provided, at least one reference image or video is required";
/** Whether sounds come with an image or a video. */
const isSeen = (images: string[], videos: string[], sounds: string[]): boolean =>
  sounds.length === 0 || images.length + videos.length > 0;

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
  .refine(({ image_urls: images, video_urls: videos, audio_urls: sounds }) => isSeen(images, videos, sounds), {
    path: ["audio_urls"],
    error: NEEDS_PICTURE,
  });

const seedance25 = {
  prompt,
  resolution: z.enum(["480p", "720p", "1080p"]).default("720p"),
  duration: z.union([z.literal("auto").transform(() => "5"), strings(4, 30)]).default("5"),
  generate_audio: z.boolean().default(true),
  bitrate_mode: z.enum(["standard", "high"]).default("standard"),
  codec: z.enum(["auto", "H264", "H265"]).default("auto"),
};
export const seedance25Text = z.object({ ...seedance25, aspect_ratio: seedanceShape.default("auto") });
export const seedance25Image = z.object({ ...seedance25, image_url: imageUrl, end_image_url: imageUrl.optional() });
export const seedance25Reference = z
  .object({
    ...seedance25,
    aspect_ratio: seedanceShape.default("auto"),
    task: z.enum(["reference", "editing", "extension"]).default("reference"),
    image_urls: z.array(imageUrl).max(30).default([]),
    video_urls: z.array(imageUrl).max(10).default([]),
    audio_urls: z.array(imageUrl).max(10).default([]),
    seed,
  })
  .refine(({ image_urls: images, video_urls: videos, audio_urls: sounds }) => isSeen(images, videos, sounds), {
    path: ["audio_urls"],
    error: NEEDS_PICTURE,
  });

const h3Shapes = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] as const;
const h3Shape = z.enum(h3Shapes);
/** "adaptive" is what other models call "auto". */
const h3ReferenceShape = z.union([z.literal("adaptive").transform(() => "auto" as const), h3Shape]).default("auto");
const h3Common = { prompt, duration: z.int().min(5).max(15).default(5), seed };
const h3 = {
  ...h3Common,
  resolution: z.enum(["480P", "768P", "2K", "4K"]).default("2K"),
  prompt_expansion_mode: z.enum(["disabled", "fast", "balanced", "quality"]).default("balanced"),
};
const h3Max = {
  ...h3Common,
  resolution: z.enum(["480P", "768P", "1080P"]).default("768P"),
  prompt_expansion_mode: z.enum(["disabled", "balanced", "quality"]),
};
/** The real H3 makes a video from the prompt alone when it gets no image here; that is not simulated. */
const h3Frames = { image_url: imageUrl, end_image_url: imageUrl.optional() };
const h3References = {
  aspect_ratio: h3ReferenceShape,
  reference_image_urls: z.array(imageUrl).max(9).default([]),
  reference_video_urls: z.array(imageUrl).max(3).default([]),
  reference_audio_urls: z.array(imageUrl).max(3).default([]),
};
export const h3Text = z.object({ ...h3, aspect_ratio: h3Shape.default("16:9") });
export const h3Image = z.object({ ...h3, ...h3Frames });
export const h3Reference = z
  .object({ ...h3, ...h3References })
  .refine(
    ({ reference_image_urls: images, reference_video_urls: videos, reference_audio_urls: sounds }) =>
      isSeen(images, videos, sounds),
    { path: ["reference_audio_urls"], error: NEEDS_PICTURE },
  );
export const h3MaxText = z.object({ ...h3Max, aspect_ratio: h3Shape.default("16:9") });
export const h3MaxImage = z.object({ ...h3Max, ...h3Frames });
export const h3MaxReference = z.object({ ...h3Max, ...h3References });
export const h3TurboImage = h3MaxImage.extend({ target_audio_url: imageUrl.optional() });

const ray = {
  prompt,
  resolution: z.enum(["540p", "720p", "1080p"]).default("540p"),
  duration: z.enum(["5s", "10s"]).default("5s"),
};
const rayShape = z.enum(["3:4", "4:3", "1:1", "9:16", "16:9", "21:9"]).default("16:9");
export const rayText = z
  .object({ ...ray, aspect_ratio: rayShape, loop: z.boolean().default(false) })
  .refine(({ loop, duration }) => !loop || duration === "5s", {
    path: ["loop"],
    error: "A loop is only valid for 5s generations",
  });
/** Key frames, and with them ten seconds, are not simulated. */
export const rayImage = z
  .object({
    ...{ ...ray, duration: z.literal("5s").default("5s"), aspect_ratio: rayShape },
    ...{ loop: z.boolean().default(false), image_url: imageUrl, end_image_url: imageUrl.optional() },
  })
  .refine(({ loop, end_image_url: end }) => !loop || end === undefined, {
    path: ["loop"],
    error: "A loop is only valid without an end frame",
  });
export const rayVideo = z
  .object({
    ...{ ...ray, video_url: imageUrl, start_image_url: imageUrl.optional() },
    edit_strength: z
      .string()
      .regex(/^(adhere|flex|reimagine)_[123]$/)
      .optional(),
    auto_controls: z.boolean().default(false),
  })
  .refine(({ edit_strength: strength, auto_controls: isAuto }) => !isAuto || strength === undefined, {
    path: ["auto_controls"],
    error: "auto_controls cannot be combined with edit_strength",
  });

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
