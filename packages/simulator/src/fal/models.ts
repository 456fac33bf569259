import type { z } from "zod";
import type { AcceptedInput, MediaPlan } from "../core/job.js";
import type { Shape } from "../media/shapes.js";
import * as inputs from "./inputs.js";
import * as pictureInputs from "./picture-inputs.js";
import * as videoInputs from "./video-inputs.js";

export interface FalModel {
  schema: z.ZodType;
  /** The input field of the picture, if the model takes one. */
  imageField: string | null;
  output: "video" | "images";
  plan(accepted: AcceptedInput<unknown>): MediaPlan;
}

interface VideoInput {
  prompt: string;
  duration?: string | number;
  aspect_ratio?: "auto" | Shape | undefined;
}

/** What a model makes that has no input for the length. It is billed by the video. */
const FIXED_SECONDS = 6;

/**
 * Billed by the second, if the length is an input. `fallback`: the shapes to choose from when the input names none; the
 * picture's decides.
 */
function video(schema: z.ZodType<VideoInput>, imageField: string | null, fallback: Shape[]): FalModel {
  return {
    schema,
    imageField,
    output: "video",
    plan(accepted) {
      const { input, image } = accepted as AcceptedInput<VideoInput>;
      const seconds = input.duration === undefined ? FIXED_SECONDS : Number.parseInt(String(input.duration), 10);
      const ratio = input.aspect_ratio;
      const shapes = ratio && ratio !== "auto" ? [ratio] : fallback;
      const billableUnits = input.duration === undefined ? 1 : seconds;
      return { specs: [{ kind: "video", prompt: input.prompt, seconds, shapes, image }], billableUnits };
    },
  };
}

/** The pixels of a frame by resolution: those of most shapes, and of the others. */
const SEEDANCE_PIXELS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "480p": { most: 428_544, "4:3": 421_120, "3:4": 421_120, "1:1": 409_600 },
  "720p": { most: 921_600, "4:3": 927_408, "3:4": 927_408, "21:9": 926_100 },
  "1080p": { most: 2_073_600, "4:3": 2_076_672, "3:4": 2_076_672, "21:9": 2_086_876 },
};

/** Billed by thousands of tokens: a token has 1024 pixels of the 24 frames of each second. */
function seedance(schema: z.ZodType<VideoInput & { resolution: string }>, ...how: [string | null, Shape[]]): FalModel {
  const byTime = video(schema, ...how);
  return {
    ...byTime,
    plan(accepted) {
      const { aspect_ratio = "auto", resolution } = accepted.input as { aspect_ratio?: string; resolution: string };
      const planned = byTime.plan(accepted);
      const { most = 0, [aspect_ratio]: pixels = most } = SEEDANCE_PIXELS[resolution] ?? {};
      return { ...planned, billableUnits: (pixels * 24 * planned.billableUnits) / 1024 / 1000 };
    },
  };
}

/** Makes as many seconds as the input says, or those of a video that comes with it: a fixed length here. */
const fromVideo = (schema: z.ZodType, imageField: string | null): FalModel => ({
  schema,
  imageField,
  output: "video",
  plan(accepted) {
    const { input, image } = accepted as AcceptedInput<Partial<VideoInput>>;
    const { prompt = "", duration = FIXED_SECONDS } = input;
    const seconds = Number.parseInt(String(duration), 10);
    return { specs: [{ kind: "video", prompt, seconds, shapes: ["16:9"], image }], billableUnits: seconds };
  },
});

interface PicturesInput {
  prompt: string;
  image_size?: inputs.ImageSize | undefined;
  aspect_ratio?: string;
  num_images?: number;
  output_format?: "jpeg" | "png" | "webp";
}

/** About one megapixel in a ratio as "16:9"; a square for "auto". */
function pixelsOfRatio(ratio = "auto"): { width: number; height: number } {
  const [across = 1, down = 1] = ratio === "auto" ? [] : ratio.split(":").map(Number);
  const unit = Math.sqrt(1024 ** 2 / (across * down));
  return { width: Math.round(across * unit), height: Math.round(down * unit) };
}

/** `units`: the billable units of one picture with that many pixels. */
function pictures(schema: z.ZodType<PicturesInput>, units: (pixels: number) => number): FalModel {
  return {
    schema,
    imageField: null,
    output: "images",
    plan(accepted) {
      const { input, seed } = accepted as AcceptedInput<PicturesInput>;
      const { prompt, num_images: count = 1, output_format: format = "jpeg" } = input;
      const size = input.image_size ? inputs.pixelsOf(input.image_size) : pixelsOfRatio(input.aspect_ratio);
      const picture = { kind: "image" as const, prompt, ...size, format };
      const specs = Array.from({ length: count }, (_, index) => ({ ...picture, seed: seed + index }));
      return { specs, billableUnits: units(size.width * size.height) * count };
    },
  };
}

/** A megapixel has 1024x1024 pixels, and a started one counts as a whole. */
const perMegapixel = (pixels: number): number => Math.ceil(pixels / 1024 ** 2);
const perPicture = (): number => 1;

const ALL_SHAPES: Shape[] = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"];
const KLING_SHAPES: Shape[] = ["16:9", "9:16", "1:1"];
const veoFromText = video(inputs.veoText, null, ["16:9"]);
const veoFromImage = video(inputs.veoImage, "image_url", ["16:9", "9:16"]);

const veoFromFrames = video(inputs.veoFrames, "first_frame_url", ["16:9", "9:16"]);
const veoExtended = fromVideo(inputs.veoExtend, null);

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
  "fal-ai/veo3.1/first-last-frame-to-video": veoFromFrames,
  "fal-ai/veo3.1/fast/first-last-frame-to-video": veoFromFrames,
  "fal-ai/veo3.1/reference-to-video": video(inputs.veoReference, null, ["16:9"]),
  "fal-ai/veo3.1/extend-video": veoExtended,
  "fal-ai/veo3.1/fast/extend-video": veoExtended,
  "fal-ai/kling-video/v3/pro/motion-control": fromVideo(videoInputs.klingMotion, "image_url"),
  "bytedance/seedance-2.0/reference-to-video": seedance(videoInputs.seedance2Reference, null, ["16:9"]),
  "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": video(inputs.klingTurboText, null, ["16:9"]),
  "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": video(inputs.klingTurboProImage, "image_url", KLING_SHAPES),
  "fal-ai/kling-video/v2.5-turbo/standard/image-to-video": video(inputs.klingTurboImage, "image_url", KLING_SHAPES),
  "fal-ai/kling-video/v3/pro/text-to-video": video(inputs.kling3Text, null, ["16:9"]),
  "fal-ai/kling-video/v3/pro/image-to-video": video(inputs.kling3Image, "start_image_url", KLING_SHAPES),
  "fal-ai/veo3.1/lite": veoFromText,
  "fal-ai/veo3.1/lite/image-to-video": veoFromImage,
  "fal-ai/kling-video/v3/standard/text-to-video": video(inputs.kling3Text, null, ["16:9"]),
  "fal-ai/kling-video/v3/standard/image-to-video": video(inputs.kling3Image, "start_image_url", KLING_SHAPES),
  "fal-ai/kling-video/o3/standard/image-to-video": video(videoInputs.klingO3Image, "image_url", KLING_SHAPES),
  "fal-ai/minimax/hailuo-2.3/pro/text-to-video": video(videoInputs.hailuoText, null, ["16:9"]),
  "fal-ai/minimax/hailuo-2.3/pro/image-to-video": video(videoInputs.hailuoImage, "image_url", ALL_SHAPES),
  "fal-ai/minimax/hailuo-2.3-fast/pro/image-to-video": video(videoInputs.hailuoImage, "image_url", ALL_SHAPES),
  "fal-ai/bytedance/seedance/v1.5/pro/text-to-video": seedance(videoInputs.seedance15Text, null, ["16:9"]),
  "fal-ai/bytedance/seedance/v1.5/pro/image-to-video": seedance(videoInputs.seedance15Image, "image_url", ALL_SHAPES),
  "bytedance/seedance-2.0/text-to-video": seedance(videoInputs.seedance2Text, null, ["16:9"]),
  "bytedance/seedance-2.0/image-to-video": seedance(videoInputs.seedance2Image, "image_url", ALL_SHAPES),
  "bytedance/seedance-2.0/fast/text-to-video": seedance(videoInputs.seedance2Text, null, ["16:9"]),
  "bytedance/seedance-2.5/text-to-video": seedance(videoInputs.seedance25Text, null, ["16:9"]),
  "bytedance/seedance-2.5/image-to-video": seedance(videoInputs.seedance25Image, "image_url", ALL_SHAPES),
  "bytedance/seedance-2.5/reference-to-video": seedance(videoInputs.seedance25Reference, null, ["16:9"]),
  "minimax/h3/text-to-video": video(videoInputs.h3Text, null, ["16:9"]),
  "minimax/h3/image-to-video": video(videoInputs.h3Image, "image_url", ALL_SHAPES),
  "minimax/h3/reference-to-video": video(videoInputs.h3Reference, null, ["16:9"]),
  "minimax/h3-max/text-to-video": video(videoInputs.h3MaxText, null, ["16:9"]),
  "minimax/h3-max/image-to-video": video(videoInputs.h3MaxImage, "image_url", ALL_SHAPES),
  "minimax/h3-max/reference-to-video": video(videoInputs.h3MaxReference, null, ["16:9"]),
  "minimax/h3-max-turbo/image-to-video": video(videoInputs.h3TurboImage, "image_url", ALL_SHAPES),
  "luma/agent/ray/v3.2/text-to-video": video(videoInputs.rayText, null, ["16:9"]),
  "luma/agent/ray/v3.2/image-to-video": video(videoInputs.rayImage, "image_url", ALL_SHAPES),
  "luma/agent/ray/v3.2/video-to-video": fromVideo(videoInputs.rayVideo, null),
  "fal-ai/ltx-2.3/text-to-video": video(videoInputs.ltxText, null, ["16:9"]),
  "fal-ai/ltx-2.3/text-to-video/fast": video(videoInputs.ltxFast, null, ["16:9"]),
  "fal-ai/ltx-2.3/image-to-video": video(videoInputs.ltxImage, "image_url", ["16:9", "9:16"]),
  "fal-ai/pixverse/v6/text-to-video": video(videoInputs.pixverseText, null, ["16:9"]),
  "fal-ai/pixverse/v6/image-to-video": video(videoInputs.pixverseImage, "image_url", ALL_SHAPES),
  "fal-ai/flux/schnell": pictures(inputs.fluxSchnell, perMegapixel),
  "fal-ai/flux/dev": pictures(inputs.fluxDev, perMegapixel),
  "fal-ai/flux-pro/v1.1": pictures(inputs.fluxPro, perMegapixel),
  "fal-ai/stable-diffusion-v3-medium": pictures(inputs.stableDiffusion3, perPicture),
  "fal-ai/bytedance/seedream/v4/text-to-image": pictures(inputs.seedream, perPicture),
  "fal-ai/bytedance/seedream/v4.5/text-to-image": pictures(pictureInputs.seedream45, perPicture),
  "fal-ai/flux-pro/kontext/text-to-image": pictures(pictureInputs.kontext, perPicture),
  "fal-ai/flux-pro/kontext/max/text-to-image": pictures(pictureInputs.kontext, perPicture),
  "fal-ai/flux-2-pro": pictures(pictureInputs.flux2Pro, perMegapixel),
  "fal-ai/flux-2-max": pictures(pictureInputs.flux2Pro, perMegapixel),
  "fal-ai/flux-2-flex": pictures(pictureInputs.flux2Flex, perMegapixel),
  "fal-ai/flux-2/turbo": pictures(pictureInputs.flux2Turbo, perMegapixel),
  "fal-ai/flux-2/klein/9b": pictures(pictureInputs.flux2Klein, perMegapixel),
  "fal-ai/nano-banana-2": pictures(pictureInputs.nanoBanana2, perPicture),
  "fal-ai/nano-banana-pro": pictures(pictureInputs.nanoBananaPro, perPicture),
  "fal-ai/recraft/v3/text-to-image": pictures(pictureInputs.recraft, perPicture),
  "fal-ai/ideogram/v3": pictures(pictureInputs.ideogram, perPicture),
};

export const findModel = (endpoint: string): FalModel | undefined =>
  Object.hasOwn(FAL_MODELS, endpoint) ? FAL_MODELS[endpoint] : undefined;
