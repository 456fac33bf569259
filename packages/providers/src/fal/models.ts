/**
 * fal's models. Inputs: the endpoint types of @fal-ai/client 1.10.1 and the schemas of fal.ai/models/{id}/llms.txt.
 * Prices: the same pages, autumn 2026, unless a comment names another source. Prices change; fal shows the current ones
 * at https://api.fal.ai/v1/models/pricing?endpoint_id={id}.
 */
import {
  type CatalogueEntry,
  flag,
  freeText,
  oneOf,
  type Params,
  seed,
  type VariantEntry,
  withAudio,
} from "@visgate/shared/catalogue";

const VIDEO = { provider: "fal", mediaType: "video", category: "video generation" } as const;
const IMAGE_TO_VIDEO = { ...VIDEO, category: "image to video" } as const;
const IMAGE = { provider: "fal", mediaType: "image", category: "image generation" } as const;

const veoParams: Params = {
  aspect_ratio: oneOf(["16:9", "9:16"], "16:9"),
  resolution: oneOf(["720p", "1080p"], "720p"),
  generate_audio: flag(true),
  negative_prompt: freeText,
  seed,
  auto_fix: flag(true),
  safety_tolerance: oneOf(["1", "2", "3", "4", "5", "6"], "4"),
};
const veoImageParams: Params = {
  ...veoParams,
  aspect_ratio: oneOf(["auto", "16:9", "9:16"], "auto"),
  auto_fix: flag(false),
};
const veoDuration = { field: "duration", as: "seconds-suffix" } as const;
const veoText = (endpoint: string): VariantEntry => ({ endpoint, duration: veoDuration, params: veoParams });
const veoImage = (endpoint: string): VariantEntry => ({
  endpoint,
  imageField: "image_url",
  duration: veoDuration,
  params: veoImageParams,
});
const veo = { ...VIDEO, durationsSeconds: [4, 6, 8], usualSeconds: 90 };
const veoPrice: CatalogueEntry["price"] = { unit: "second", micro: 200_000, when: withAudio(400_000) };
const veoFastPrice: CatalogueEntry["price"] = { unit: "second", micro: 100_000, when: withAudio(150_000) };

/** OpenAI's videos API ended on 2026-09-24. Code that still names its models gets the nearest ones. */
const sora = { openai: ["sora-2", "sora-2-2025-10-06", "sora-2-2025-12-08"] };
const soraPro = { openai: ["sora-2-pro", "sora-2-pro-2025-10-06"] };

const klingParams: Params = {
  negative_prompt: { ...freeText, default: "blur, distort, and low quality" },
  cfg_scale: { type: "number", min: 0, max: 1, default: 0.5 },
};
const klingTextParams: Params = { aspect_ratio: oneOf(["16:9", "9:16", "1:1"], "16:9"), ...klingParams };
const klingDuration = { field: "duration", as: "string" } as const;
const kling25 = { addedAt: "2025-09-23", durationsSeconds: [5, 10], usualSeconds: 120, tags: ["silent"] };
const kling3: Pick<CatalogueEntry, "addedAt" | "durationsSeconds" | "usualSeconds" | "tags" | "price"> = {
  addedAt: "2026-02-05",
  durationsSeconds: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  usualSeconds: 180,
  tags: ["audio"],
  price: { unit: "second", micro: 112_000, when: withAudio(168_000) },
};

/** fal can make larger images; this limits the cost of one call. */
const MAX_PIXELS = 4_194_304;
const imageSizes = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"];
const imageText = (endpoint: string, standardSize: string, params: Params): VariantEntry => ({
  endpoint,
  size: { as: "object", field: "image_size", maxPixels: MAX_PIXELS },
  count: { field: "num_images", max: 4 },
  params: {
    image_size: { type: "size", values: imageSizes, maxPixels: MAX_PIXELS, default: standardSize },
    seed,
    ...params,
  },
});
const fluxText = (endpoint: string, params: Params): VariantEntry =>
  imageText(endpoint, "landscape_4_3", { output_format: oneOf(["jpeg", "png"], "jpeg"), ...params });
const steps = (max: number, standard: number) => ({ type: "integer", min: 1, max, default: standard }) as const;

export const falModels: CatalogueEntry[] = [
  {
    ...veo,
    id: "fal-ai/veo3",
    name: "Veo 3",
    description: "Google's video model with native audio; text to video, and image to video when an image is given.",
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-05-29",
    variants: { text: veoText("fal-ai/veo3"), image: veoImage("fal-ai/veo3/image-to-video") },
    price: veoPrice,
  },
  {
    ...veo,
    id: "fal-ai/veo3/fast",
    name: "Veo 3 Fast",
    description: "Veo 3 at lower cost and render time; text to video, and image to video when an image is given.",
    tags: ["audio", "fast"],
    addedAt: "2025-06-17",
    variants: { text: veoText("fal-ai/veo3/fast"), image: veoImage("fal-ai/veo3/fast/image-to-video") },
    price: veoFastPrice,
    usualSeconds: 60,
  },
  {
    ...veo,
    ...IMAGE_TO_VIDEO,
    id: "fal-ai/veo3/image-to-video",
    name: "Veo 3 Image to Video",
    description: "Veo 3 that starts from a given image.",
    tags: ["audio"],
    addedAt: "2025-07-31",
    variants: { image: veoImage("fal-ai/veo3/image-to-video") },
    price: veoPrice,
  },
  {
    ...veo,
    id: "fal-ai/veo3.1",
    name: "Veo 3.1",
    description: "Google's newer Veo; text to video, and image to video when an image is given.",
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-10-15",
    variants: { text: veoText("fal-ai/veo3.1"), image: veoImage("fal-ai/veo3.1/image-to-video") },
    price: veoPrice,
    aliases: soraPro,
  },
  {
    ...veo,
    id: "fal-ai/veo3.1/fast",
    name: "Veo 3.1 Fast",
    description: "Veo 3.1 at lower cost and render time; text to video, and image to video when an image is given.",
    tags: ["audio", "fast"],
    addedAt: "2025-10-15",
    variants: { text: veoText("fal-ai/veo3.1/fast"), image: veoImage("fal-ai/veo3.1/fast/image-to-video") },
    // Third parties' lists of 2026-05 and 2026-09.
    price: veoFastPrice,
    usualSeconds: 60,
    aliases: sora,
  },
  {
    ...VIDEO,
    ...kling25,
    id: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    name: "Kling 2.5 Turbo Pro Text to Video",
    description: "Kuaishou's Kling 2.5 Turbo Pro from a prompt.",
    variants: {
      text: {
        endpoint: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        duration: klingDuration,
        params: klingTextParams,
      },
    },
    price: { unit: "second", micro: 70_000 },
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling25,
    id: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
    name: "Kling 2.5 Turbo Pro Image to Video",
    description: "Kuaishou's Kling 2.5 Turbo Pro that starts from a given image, and may end with another.",
    featured: true,
    variants: {
      image: {
        endpoint: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
        imageField: "image_url",
        duration: klingDuration,
        params: { ...klingParams, tail_image_url: { type: "image_url" } },
      },
    },
    price: { unit: "second", micro: 70_000 },
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling25,
    id: "fal-ai/kling-video/v2.5-turbo/standard/image-to-video",
    name: "Kling 2.5 Turbo Standard Image to Video",
    description: "Kuaishou's Kling 2.5 Turbo at lower cost; starts from a given image.",
    variants: {
      image: {
        endpoint: "fal-ai/kling-video/v2.5-turbo/standard/image-to-video",
        imageField: "image_url",
        duration: klingDuration,
        params: klingParams,
      },
    },
    price: { unit: "second", micro: 42_000 },
  },
  {
    ...VIDEO,
    ...kling3,
    id: "fal-ai/kling-video/v3/pro/text-to-video",
    name: "Kling 3.0 Pro Text to Video",
    description: "Kuaishou's Kling 3.0 Pro from a prompt, up to 15 seconds, with native audio.",
    variants: {
      text: {
        endpoint: "fal-ai/kling-video/v3/pro/text-to-video",
        duration: klingDuration,
        params: { ...klingTextParams, generate_audio: flag(true) },
      },
    },
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling3,
    id: "fal-ai/kling-video/v3/pro/image-to-video",
    name: "Kling 3.0 Pro Image to Video",
    description:
      "Kuaishou's Kling 3.0 Pro that starts from a given image, and may end with another; with native audio.",
    variants: {
      image: {
        endpoint: "fal-ai/kling-video/v3/pro/image-to-video",
        imageField: "start_image_url",
        duration: klingDuration,
        params: { ...klingParams, generate_audio: flag(true), end_image_url: { type: "image_url" } },
      },
    },
  },
  {
    ...IMAGE,
    id: "fal-ai/flux/schnell",
    name: "FLUX.1 schnell",
    description: "Black Forest Labs' fast text-to-image model.",
    tags: ["fast"],
    featured: true,
    addedAt: "2024-08-01",
    variants: { text: fluxText("fal-ai/flux/schnell", { num_inference_steps: steps(12, 4) }) },
    // A third party's copy of fal's price list; megapixels are rounded up.
    price: { unit: "megapixel", micro: 3000 },
    usualSeconds: 2,
  },
  {
    ...IMAGE,
    id: "fal-ai/flux/dev",
    name: "FLUX.1 dev",
    description: "Black Forest Labs' 12-billion-parameter text-to-image model.",
    addedAt: "2024-08-01",
    variants: {
      text: fluxText("fal-ai/flux/dev", {
        num_inference_steps: steps(50, 28),
        guidance_scale: { type: "number", min: 1, max: 20, default: 3.5 },
        acceleration: oneOf(["none", "regular", "high"], "none"),
      }),
    },
    // The same source as for schnell.
    price: { unit: "megapixel", micro: 25_000 },
    usualSeconds: 5,
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-pro/v1.1",
    name: "FLUX1.1 pro",
    description: "Black Forest Labs' professional text-to-image model.",
    tags: ["flagship"],
    addedAt: "2024-10-02",
    variants: {
      text: fluxText("fal-ai/flux-pro/v1.1", {
        safety_tolerance: oneOf(["1", "2", "3", "4", "5", "6"], "2"),
        enhance_prompt: flag(false),
      }),
    },
    // Most lists of 2026 say $0.04; one says $0.055.
    price: { unit: "megapixel", micro: 40_000 },
    usualSeconds: 6,
  },
  {
    ...IMAGE,
    id: "fal-ai/stable-diffusion-v3-medium",
    name: "Stable Diffusion 3 Medium",
    description: "Stability AI's 2-billion-parameter text-to-image model; takes a negative prompt.",
    tags: ["negative prompt"],
    addedAt: "2024-06-12",
    variants: {
      text: imageText("fal-ai/stable-diffusion-v3-medium", "square_hd", {
        negative_prompt: freeText,
        prompt_expansion: flag(false),
        // The ranges are those of docs.aimlapi.com, which hands calls on to fal.
        num_inference_steps: steps(50, 28),
        guidance_scale: { type: "number", min: 1, max: 20, default: 5 },
      }),
    },
    price: { unit: "image", micro: 35_000 },
    usualSeconds: 5,
  },
];
