import type { z } from "zod";
import type { AcceptedInput, MediaPlan } from "../core/job.js";
import { SHAPES, type Shape, type Size } from "../media/shapes.js";
import * as inputs from "./inputs.js";

export interface ReplicateModel {
  schema: z.ZodType;
  /** The input fields that may contain the first picture, in order of preference. */
  imageFields: readonly string[];
  /** The name of the metric that counts what is billed. */
  metric: "video_output_duration_seconds" | "image_output_count";
  /** Whether `output` is one address or a list of addresses. */
  output: "one" | "list";
  plan(accepted: AcceptedInput<unknown>): MediaPlan;
}

interface VideoInput {
  prompt: string;
  duration: number;
  /** Any other ratio than a drawn one is that of the picture, as "adaptive". */
  aspect_ratio: string;
}

const ALL_SHAPES = Object.keys(SHAPES) as Shape[];

/** `followsPicture`: the picture's own shape chooses among these; if absent, the requested ratio applies. */
function video(
  schema: z.ZodType<VideoInput>,
  imageFields: readonly string[],
  followsPicture?: Shape[],
): ReplicateModel {
  return {
    schema,
    imageFields,
    metric: "video_output_duration_seconds",
    output: "one",
    plan(accepted) {
      const { input, image } = accepted as AcceptedInput<VideoInput>;
      const { prompt, duration: seconds, aspect_ratio: ratio } = input;
      const shapes = image && followsPicture ? followsPicture : ratio in SHAPES ? [ratio as Shape] : ALL_SHAPES;
      return { specs: [{ kind: "video", prompt, seconds, shapes, image }], billableUnits: seconds };
    },
  };
}

/** How long the film is that is made of a given video. */
const FIXED_SECONDS = 5;

const fromVideo = (schema: z.ZodType): ReplicateModel => ({
  schema,
  imageFields: [],
  metric: "video_output_duration_seconds",
  output: "one",
  plan: () => ({
    specs: [{ kind: "video", prompt: "", seconds: FIXED_SECONDS, shapes: ["16:9"], image: null }],
    billableUnits: FIXED_SECONDS,
  }),
});

interface PictureInput {
  prompt: string;
  aspect_ratio: string;
  output_format?: "webp" | "jpg" | "png";
  num_outputs?: number;
}

function pictures<T extends PictureInput>(
  schema: z.ZodType<T>,
  output: ReplicateModel["output"],
  sizeOf: (input: T) => Size,
): ReplicateModel {
  return {
    schema,
    imageFields: [],
    metric: "image_output_count",
    output,
    plan(accepted) {
      const { input, seed } = accepted as AcceptedInput<T>;
      const { prompt, num_outputs: count = 1, output_format: format = "jpg" } = input;
      const picture = {
        ...{ kind: "image" as const, prompt, ...sizeOf(input) },
        format: format === "jpg" ? ("jpeg" as const) : format,
      };
      const specs = Array.from({ length: count }, (_, index) => ({ ...picture, seed: seed + index }));
      return { specs, billableUnits: count };
    },
  };
}

const GRID = 16;
const onGrid = (side: number): number => Math.round(side / GRID) * GRID;

/** The size of about that many megapixels in a ratio, with both sides a multiple of 16. */
function sizeOfShape(ratio: string, megapixels: number): Size {
  const [across = 1, down = 1] = ratio.split(":").map(Number);
  const unit = Math.sqrt((megapixels * 1024 ** 2) / (across * down));
  return { width: onGrid(across * unit), height: onGrid(down * unit) };
}

const fluxSize = (input: { aspect_ratio: string; megapixels: string }): Size =>
  sizeOfShape(input.aspect_ratio, Number(input.megapixels));

const stableSize = ({ aspect_ratio: ratio }: { aspect_ratio: string }): Size => sizeOfShape(ratio, 1);

interface CustomSize {
  aspect_ratio: string;
  width?: number | undefined;
  height?: number | undefined;
}
const DEFAULT_SIDE = 1024;

function proSize({ aspect_ratio: ratio, width, height }: CustomSize): Size {
  if (ratio !== "custom") return sizeOfShape(ratio, 1);
  return { width: onGrid(width ?? DEFAULT_SIDE), height: onGrid(height ?? DEFAULT_SIDE) };
}

/** Without pictures in the input, their ratio is a square here. */
const pictureSize = ({ aspect_ratio: ratio }: { aspect_ratio: string }): Size =>
  sizeOfShape(ratio === "match_input_image" ? "1:1" : ratio, 1);

const veo3 = video(inputs.veo3, ["image"]);

/** Every model that this simulator serves. A new model is one more entry. */
export const REPLICATE_MODELS: Readonly<Record<string, ReplicateModel>> = {
  "google/veo-3": veo3,
  "google/veo-3-fast": veo3,
  "google/veo-3.1": video(inputs.veo31, ["image"]),
  "google/veo-3.1-fast": video(inputs.veo31Fast, ["image"]),
  "bytedance/seedance-2.0": video(inputs.seedance2, ["image"]),
  "topazlabs/video-upscale": fromVideo(inputs.videoUpscale),
  "xai/grok-imagine-video": video(inputs.grokImagine, ["image"]),
  "kwaivgi/kling-v2.5-turbo-pro": video(inputs.klingTurbo, ["start_image", "image"], ["16:9", "9:16", "1:1"]),
  "black-forest-labs/flux-schnell": pictures(inputs.fluxSchnell, "list", fluxSize),
  "black-forest-labs/flux-dev": pictures(inputs.fluxDev, "list", fluxSize),
  "black-forest-labs/flux-1.1-pro": pictures(inputs.flux11Pro, "one", proSize),
  "stability-ai/stable-diffusion-3.5-large": pictures(inputs.stableDiffusion35, "one", stableSize),
  "black-forest-labs/flux-2-pro": pictures(inputs.flux2Pro, "one", proSize),
  "google/nano-banana-2": pictures(inputs.nanoBanana2, "one", pictureSize),
  "bytedance/seedream-4.5": pictures(inputs.seedream45, "list", pictureSize),
};

export const findModel = (name: string): ReplicateModel | undefined =>
  Object.hasOwn(REPLICATE_MODELS, name) ? REPLICATE_MODELS[name] : undefined;
