import { z } from "zod";

/** The documented inputs of fal's models, under fal's own names. */

export const prompt = z.string().min(1);
export const seed = z.int().optional();
const cfgScale = z.number().min(0).max(1).default(0.5);
export const negativePrompt = z.string().optional();
export const imageUrl = z.string().min(1);
export const safetyTolerance = z.enum(["1", "2", "3", "4", "5", "6"]);

const veo = {
  prompt,
  duration: z.enum(["4s", "6s", "8s"]).default("8s"),
  aspect_ratio: z.enum(["16:9", "9:16"]).default("16:9"),
  resolution: z.enum(["720p", "1080p"]).default("720p"),
  generate_audio: z.boolean().default(true),
  negative_prompt: negativePrompt,
  seed,
  auto_fix: z.boolean().default(true),
  safety_tolerance: safetyTolerance.default("4"),
};

export const veoText = z.object(veo);
export const veoImage = z.object({
  ...veo,
  image_url: imageUrl,
  aspect_ratio: z.enum(["auto", "16:9", "9:16"]).default("auto"),
  auto_fix: z.boolean().default(false),
});

const { image_url: _image, ...veoFromImage } = veoImage.shape;
export const veoFrames = z.object({ ...veoFromImage, first_frame_url: imageUrl, last_frame_url: imageUrl });
export const veoReference = z.object({
  ...veo,
  duration: z.enum(["8s"]).default("8s"),
  auto_fix: z.boolean().default(false),
  image_urls: z.array(imageUrl).min(1),
});
export const veoExtend = z.object({ ...veoFromImage, duration: z.enum(["7s"]).default("7s"), video_url: imageUrl });

const klingShape = z.enum(["16:9", "9:16", "1:1"]).default("16:9");
const klingTurbo = {
  prompt,
  duration: z.enum(["5", "10"]).default("5"),
  negative_prompt: negativePrompt,
  cfg_scale: cfgScale,
};

export const klingTurboText = z.object({ ...klingTurbo, aspect_ratio: klingShape });
export const klingTurboImage = z.object({ ...klingTurbo, image_url: imageUrl });
export const klingTurboProImage = klingTurboImage.extend({ tail_image_url: imageUrl.optional() });

/** Several shots (`multi_prompt`) are not simulated, so the prompt is required here. */
const kling3 = {
  prompt,
  duration: z.enum(["3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"]).default("5"),
  generate_audio: z.boolean().default(true),
  negative_prompt: negativePrompt,
  cfg_scale: cfgScale,
};

export const kling3Text = z.object({ ...kling3, aspect_ratio: klingShape });
export const kling3Image = z.object({ ...kling3, start_image_url: imageUrl, end_image_url: imageUrl.optional() });

/** The real fal allows more, but a larger still would take seconds and a lot of memory to draw. */
const side = z.int().min(1).max(4096);
export const given = z.object({ width: side.default(512), height: side.default(512) });

const namedSizes = {
  square_hd: { width: 1024, height: 1024 },
  square: { width: 512, height: 512 },
  portrait_4_3: { width: 768, height: 1024 },
  portrait_16_9: { width: 576, height: 1024 },
  landscape_4_3: { width: 1024, height: 768 },
  landscape_16_9: { width: 1024, height: 576 },
} as const;
/** The real Seedream chooses the shape itself; here it is always a square. */
const automaticSizes = {
  auto: { width: 2048, height: 2048 },
  auto_2K: { width: 2048, height: 2048 },
  auto_4K: { width: 4096, height: 4096 },
} as const;
const SIZES = { ...namedSizes, ...automaticSizes };

type NamedSize = keyof typeof namedSizes;
export const namedSize = z.enum(Object.keys(namedSizes) as [NamedSize, ...NamedSize[]]);
type AnySize = keyof typeof SIZES;
export const anySize = z.enum(Object.keys(SIZES) as [AnySize, ...AnySize[]]);

const pictures = { prompt, num_images: z.int().min(1).max(4).default(1), seed };
const flux = {
  ...pictures,
  image_size: z.union([namedSize, given]).default("landscape_4_3"),
  output_format: z.enum(["jpeg", "png"]).default("jpeg"),
};

export const fluxSchnell = z.object({
  ...flux,
  num_inference_steps: z.int().min(1).max(12).default(4),
  enable_safety_checker: z.boolean().default(true),
});
export const fluxDev = z.object({
  ...flux,
  num_inference_steps: z.int().min(1).max(50).default(28),
  guidance_scale: z.number().min(1).max(20).default(3.5),
  acceleration: z.enum(["none", "regular", "high"]).default("none"),
  enable_safety_checker: z.boolean().default(true),
});
export const fluxPro = z.object({
  ...flux,
  safety_tolerance: safetyTolerance.default("2"),
  enhance_prompt: z.boolean().default(false),
});

export const stableDiffusion3 = z.object({
  ...pictures,
  image_size: z.union([namedSize, given]).default("square_hd"),
  negative_prompt: z.string().default(""),
  prompt_expansion: z.boolean().default(false),
  num_inference_steps: z.int().min(1).max(50).default(28),
  guidance_scale: z.number().min(1).max(20).default(5),
  enable_safety_checker: z.boolean().default(true),
});

const SEEDREAM_MIN_PIXELS = 960 * 960;
const seedreamSize = given.refine(({ width, height }) => width * height >= SEEDREAM_MIN_PIXELS, {
  error: "Total pixels must be between 960x960 and 4096x4096",
});
export const seedream = z.object({
  ...pictures,
  image_size: z.union([anySize, seedreamSize]).default("square_hd"),
  max_images: z.int().min(1).max(6).default(1),
  enhance_prompt_mode: z.enum(["standard", "fast"]).default("standard"),
  enable_safety_checker: z.boolean().default(true),
});

export type ImageSize = AnySize | z.infer<typeof given>;

export const pixelsOf = (size: ImageSize): { width: number; height: number } =>
  typeof size === "string" ? SIZES[size] : size;
