import type { z } from "zod";
import type { AcceptedInput, MediaPlan } from "../core/job.js";
import type { Shape } from "../media/shapes.js";
import * as inputs from "./inputs.js";

export interface FalModel {
  schema: z.ZodType;
  /** The input field of the picture, if the model takes one. */
  imageField: string | null;
  output: "video" | "images";
  plan(accepted: AcceptedInput<unknown>): MediaPlan;
}

interface VideoInput {
  prompt: string;
  duration: string;
  aspect_ratio?: "auto" | Shape | undefined;
}

/** Billed by the second. `fallback`: the shapes to choose from when the input names none; the picture's decides. */
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

interface PicturesInput {
  prompt: string;
  image_size: inputs.ImageSize;
  num_images: number;
  output_format?: "jpeg" | "png";
}

/** `units`: the billable units of one picture with that many pixels. */
function pictures(schema: z.ZodType<PicturesInput>, units: (pixels: number) => number): FalModel {
  return {
    schema,
    imageField: null,
    output: "images",
    plan(accepted) {
      const { input, seed } = accepted as AcceptedInput<PicturesInput>;
      const { prompt, num_images: count, output_format: format = "jpeg" } = input;
      const size = inputs.pixelsOf(input.image_size);
      const picture = { kind: "image" as const, prompt, ...size, format };
      const specs = Array.from({ length: count }, (_, index) => ({ ...picture, seed: seed + index }));
      return { specs, billableUnits: units(size.width * size.height) * count };
    },
  };
}

/** A megapixel has 1024x1024 pixels, and a started one counts as a whole. */
const perMegapixel = (pixels: number): number => Math.ceil(pixels / 1024 ** 2);
const perPicture = (): number => 1;

const KLING_SHAPES: Shape[] = ["16:9", "9:16", "1:1"];
const veoFromText = video(inputs.veoText, null, ["16:9"]);
const veoFromImage = video(inputs.veoImage, "image_url", ["16:9", "9:16"]);

/** Every endpoint that this simulator serves. A new endpoint is one more entry. */
export const FAL_MODELS: Readonly<Record<string, FalModel>> = {
  "fal-ai/veo3": veoFromText,
  "fal-ai/veo3/fast": veoFromText,
  "fal-ai/veo3/image-to-video": veoFromImage,
  "fal-ai/veo3/fast/image-to-video": veoFromImage,
  "fal-ai/veo3.1": veoFromText,
  "fal-ai/veo3.1/fast": veoFromText,
  "fal-ai/veo3.1/image-to-video": veoFromImage,
  "fal-ai/veo3.1/fast/image-to-video": veoFromImage,
  "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": video(inputs.klingTurboText, null, ["16:9"]),
  "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": video(inputs.klingTurboProImage, "image_url", KLING_SHAPES),
  "fal-ai/kling-video/v2.5-turbo/standard/image-to-video": video(inputs.klingTurboImage, "image_url", KLING_SHAPES),
  "fal-ai/kling-video/v3/pro/text-to-video": video(inputs.kling3Text, null, ["16:9"]),
  "fal-ai/kling-video/v3/pro/image-to-video": video(inputs.kling3Image, "start_image_url", KLING_SHAPES),
  "fal-ai/flux/schnell": pictures(inputs.fluxSchnell, perMegapixel),
  "fal-ai/flux/dev": pictures(inputs.fluxDev, perMegapixel),
  "fal-ai/flux-pro/v1.1": pictures(inputs.fluxPro, perMegapixel),
  "fal-ai/stable-diffusion-v3-medium": pictures(inputs.stableDiffusion3, perPicture),
  "fal-ai/bytedance/seedream/v4/text-to-image": pictures(inputs.seedream, perPicture),
};

export const findModel = (endpoint: string): FalModel | undefined =>
  Object.hasOwn(FAL_MODELS, endpoint) ? FAL_MODELS[endpoint] : undefined;
