import { z } from "zod";
import type { Plan } from "../core/job.js";
import type { Shape } from "../media/shapes.js";
import type { ImageSource } from "../media/spec.js";

/** A submit's input after validation, with its picture (if it has one) already kept. */
export interface AcceptedInput<T> {
  input: T;
  image: ImageSource | null;
  seed: number;
}

type MediaPlan = Omit<Extract<Plan, { kind: "media" }>, "kind" | "seed">;

export interface FalModel {
  schema: z.ZodType;
  /** The input field that holds the picture, if the model takes one. */
  imageField: string | null;
  output: "video" | "images";
  plan(accepted: AcceptedInput<unknown>): MediaPlan;
}

const prompt = z.string().min(1);
const seed = z.int().optional();
const cfgScale = z.number().min(0).max(1).default(0.5);

const veoInput = {
  prompt,
  duration: z.enum(["4s", "6s", "8s"]).default("8s"),
  aspect_ratio: z.enum(["16:9", "9:16"]).default("16:9"),
  resolution: z.enum(["720p", "1080p"]).default("720p"),
  generate_audio: z.boolean().default(true),
  negative_prompt: z.string().optional(),
  seed,
  auto_fix: z.boolean().default(true),
  safety_tolerance: z.enum(["1", "2", "3", "4", "5", "6"]).default("4"),
};

const veoText = z.object(veoInput);
const veoImage = z.object({
  ...veoInput,
  image_url: z.string().min(1),
  aspect_ratio: z.enum(["auto", "16:9", "9:16"]).default("auto"),
  auto_fix: z.boolean().default(false),
});

const klingInput = {
  prompt,
  duration: z.enum(["5", "10"]).default("5"),
  negative_prompt: z.string().optional(),
  cfg_scale: cfgScale,
};
const klingText = z.object({ ...klingInput, aspect_ratio: z.enum(["16:9", "9:16", "1:1"]).default("16:9") });
const klingImage = z.object({
  ...klingInput,
  image_url: z.string().min(1),
  tail_image_url: z.string().optional(),
});

/** Real fal allows more; beyond this a still would take seconds and a lot of memory to draw. */
const side = z.int().min(1).max(4096);
const fluxSizes = {
  square_hd: { width: 1024, height: 1024 },
  square: { width: 512, height: 512 },
  portrait_4_3: { width: 768, height: 1024 },
  portrait_16_9: { width: 576, height: 1024 },
  landscape_4_3: { width: 1024, height: 768 },
  landscape_16_9: { width: 1024, height: 576 },
} as const;
type FluxSize = keyof typeof fluxSizes;

const flux = z.object({
  prompt,
  image_size: z
    .union([
      z.enum(Object.keys(fluxSizes) as [FluxSize, ...FluxSize[]]),
      z.object({ width: side.default(512), height: side.default(512) }),
    ])
    .default("landscape_4_3"),
  num_inference_steps: z.int().min(1).max(12).default(4),
  num_images: z.int().min(1).max(4).default(1),
  seed,
  output_format: z.enum(["jpeg", "png"]).default("jpeg"),
  enable_safety_checker: z.boolean().default(true),
});

interface VideoInput {
  prompt: string;
  duration: string;
  aspect_ratio?: "auto" | Shape | undefined;
}

/** `fallback`: the shapes to choose from by the picture's own when the input names none. */
function video(schema: z.ZodType<VideoInput>, imageField: string | null, fallback: Shape[]): FalModel {
  return {
    schema,
    imageField,
    output: "video",
    plan(accepted) {
      const { input, image } = accepted as AcceptedInput<VideoInput>;
      const seconds = Number.parseInt(input.duration, 10);
      const ratio = input.aspect_ratio;
      const shapes = ratio && ratio !== "auto" ? [ratio] : fallback;
      return { specs: [{ kind: "video", prompt: input.prompt, seconds, shapes, image }], billableUnits: seconds };
    },
  };
}

const fluxSchnell: FalModel = {
  schema: flux,
  imageField: null,
  output: "images",
  plan(accepted) {
    const { input, seed } = accepted as AcceptedInput<z.infer<typeof flux>>;
    const size = typeof input.image_size === "string" ? fluxSizes[input.image_size] : input.image_size;
    const picture = { kind: "image" as const, prompt: input.prompt, ...size, format: input.output_format };
    const specs = Array.from({ length: input.num_images }, (_, index) => ({ ...picture, seed: seed + index }));
    return { specs, billableUnits: (size.width * size.height * input.num_images) / 1e6 };
  },
};

const veoFromText = video(veoText, null, ["16:9"]);
const veoFromImage = video(veoImage, "image_url", ["16:9", "9:16"]);

/** Every endpoint this simulator knows. A new one is one more entry. */
export const FAL_MODELS: Readonly<Record<string, FalModel>> = {
  "fal-ai/veo3": veoFromText,
  "fal-ai/veo3/fast": veoFromText,
  "fal-ai/veo3/image-to-video": veoFromImage,
  "fal-ai/veo3/fast/image-to-video": veoFromImage,
  "fal-ai/veo3.1": veoFromText,
  "fal-ai/veo3.1/fast": veoFromText,
  "fal-ai/veo3.1/image-to-video": veoFromImage,
  "fal-ai/veo3.1/fast/image-to-video": veoFromImage,
  "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": video(klingText, null, ["16:9"]),
  "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": video(klingImage, "image_url", ["16:9", "9:16", "1:1"]),
  "fal-ai/flux/schnell": fluxSchnell,
};

export const findModel = (endpoint: string): FalModel | undefined =>
  Object.hasOwn(FAL_MODELS, endpoint) ? FAL_MODELS[endpoint] : undefined;
