import { z } from "zod";
import { given, namedSize, prompt, safetyTolerance, seed } from "./inputs.js";

/** The documented inputs of newer models of pictures at fal. Unknown fields are ignored. */

const jpegOrPng = z.enum(["jpeg", "png"]).default("jpeg");
const anyFormat = z.enum(["jpeg", "png", "webp"]).default("png");
const size = z.union([namedSize, given]);
const strictTolerance = z.enum(["1", "2", "3", "4", "5"]).default("2");
const enableSafetyChecker = z.boolean().default(true);

const fluxShape = z.enum(["21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"]);
export const kontext = z.object({
  prompt,
  aspect_ratio: fluxShape.default("1:1"),
  num_images: z.int().min(1).default(1),
  output_format: jpegOrPng,
  safety_tolerance: safetyTolerance.default("2"),
  enhance_prompt: z.boolean().optional(),
  guidance_scale: z.number().default(3.5),
  seed,
});

const flux2 = { prompt, image_size: size.default("landscape_4_3"), seed, enable_safety_checker: enableSafetyChecker };
export const flux2Pro = z.object({ ...flux2, output_format: jpegOrPng, safety_tolerance: strictTolerance });
export const flux2Flex = flux2Pro.extend({
  num_inference_steps: z.int().default(28),
  guidance_scale: z.number().default(3.5),
});
export const flux2Turbo = z.object({
  ...flux2,
  num_images: z.int().min(1).default(1),
  output_format: anyFormat,
  guidance_scale: z.number().default(2.5),
  enable_prompt_expansion: z.boolean().optional(),
});
export const flux2Klein = z.object({
  ...flux2,
  num_images: z.int().min(1).max(4).default(1),
  num_inference_steps: z.int().min(4).max(8).default(4),
});

const SHAPES = ["auto", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16"] as const;
const nanoBanana = {
  prompt,
  output_format: anyFormat,
  safety_tolerance: safetyTolerance.default("4"),
  enable_web_search: z.boolean().optional(),
  limit_generations: z.boolean().optional(),
  seed,
};
export const nanoBanana2 = z.object({
  ...nanoBanana,
  num_images: z.int().min(1).default(1),
  aspect_ratio: z.enum([...SHAPES, "4:1", "1:4", "8:1", "1:8"]).default("auto"),
  resolution: z.enum(["0.5K", "1K", "2K", "4K"]).default("1K"),
  thinking_level: z.enum(["minimal", "high"]).optional(),
});
export const nanoBananaPro = z.object({
  ...nanoBanana,
  num_images: z.int().min(1).max(4).default(1),
  aspect_ratio: z.enum(SHAPES).default("1:1"),
  resolution: z.enum(["1K", "2K", "4K"]).default("1K"),
});

const MIN_PIXELS = 2560 * 1440;
export const seedream45 = z.object({
  prompt,
  image_size: z
    .union([
      namedSize,
      z.enum(["auto_2K", "auto_4K"]),
      given.refine(({ width, height }) => width * height >= MIN_PIXELS, {
        error: "Total pixels must be between 2560x1440 and 4096x4096",
      }),
    ])
    .optional(),
  num_images: z.int().min(1).max(6).default(1),
  max_images: z.int().min(1).max(6).default(1),
  enable_safety_checker: enableSafetyChecker,
  seed,
});

/** Only the standard style, `realistic_image`, is simulated. */
export const recraft = z.object({
  prompt,
  image_size: size.default("square_hd"),
  enable_safety_checker: z.boolean().optional(),
});

export const ideogram = z.object({
  prompt,
  image_size: size.default("square_hd"),
  negative_prompt: z.string().default(""),
  num_images: z.int().min(1).default(1),
  rendering_speed: z.enum(["TURBO", "BALANCED", "QUALITY"]).default("BALANCED"),
  expand_prompt: z.boolean().default(true),
  style: z.enum(["AUTO", "GENERAL", "REALISTIC", "DESIGN"]).optional(),
  seed,
});
