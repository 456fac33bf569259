/**
 * Replicate's official models; the endpoint is owner/name. Inputs: the schemas of
 * replicate.com/{owner}/{name}/versions/{version}/api and clients generated from them. Replicate publishes prices only
 * on model pages. The prices here are from other sources of 2026, which a comment at each price names.
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

const VIDEO = { provider: "replicate", mediaType: "video", category: "video generation" } as const;
const IMAGE = { provider: "replicate", mediaType: "image", category: "image generation" } as const;
const inSeconds = { field: "duration", as: "integer" } as const;

const veo = { ...VIDEO, durationsSeconds: [4, 6, 8], usualSeconds: 100 };
const veoParams: Params = {
  aspect_ratio: oneOf(["16:9", "9:16"], "16:9"),
  resolution: oneOf(["720p", "1080p"], "1080p"),
  generate_audio: flag(true),
  negative_prompt: freeText,
  seed,
};
/** `more`: params that are allowed only with a first image. */
const veoVariants = (endpoint: string, more: Params = {}): CatalogueEntry["variants"] => ({
  text: { endpoint, duration: inSeconds, params: veoParams },
  image: { endpoint, imageField: "image", duration: inSeconds, params: { ...veoParams, ...more } },
});
const lastFrame: Params = { last_frame: { type: "image_url" } };

const outputParams: Params = {
  seed,
  output_format: oneOf(["webp", "jpg", "png"], "webp"),
  output_quality: { type: "integer", min: 0, max: 100, default: 80 },
};
/** The sizes of FLUX.1 images of about one megapixel (github.com/replicate/cog-flux). */
const fluxSizes = [
  { value: "1:1", width: 1024, height: 1024 },
  { value: "16:9", width: 1344, height: 768 },
  { value: "21:9", width: 1536, height: 640 },
  { value: "3:2", width: 1216, height: 832 },
  { value: "2:3", width: 832, height: 1216 },
  { value: "4:5", width: 896, height: 1088 },
  { value: "5:4", width: 1088, height: 896 },
  { value: "3:4", width: 896, height: 1152 },
  { value: "4:3", width: 1152, height: 896 },
  { value: "9:16", width: 768, height: 1344 },
  { value: "9:21", width: 640, height: 1536 },
];
/** Stability AI's sizes of about one megapixel are the same, for fewer shapes. */
const stableSizes = fluxSizes.filter(({ value }) => value !== "3:4" && value !== "4:3");
const fluxText = (endpoint: string, params: Params): VariantEntry => ({
  endpoint,
  size: { as: "listed", field: "aspect_ratio", sizes: fluxSizes },
  count: { field: "num_outputs", max: 4 },
  params: {
    aspect_ratio: oneOf(
      fluxSizes.map(({ value }) => value),
      "1:1",
    ),
    ...outputParams,
    go_fast: flag(true),
    ...params,
  },
});
const steps = (max: number, standard: number) => ({ type: "integer", min: 1, max, default: standard }) as const;

export const replicateModels: CatalogueEntry[] = [
  {
    ...veo,
    id: "replicate/google/veo-3",
    name: "Veo 3 (Replicate)",
    description: "Google's Veo 3 on Replicate; text to video, and image to video when an image is given.",
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-05-29",
    variants: veoVariants("google/veo-3"),
    // $0.75 at its release in 2025; now the price of Veo 3.1.
    price: { unit: "second", micro: 200_000, when: withAudio(400_000) },
  },
  {
    ...veo,
    id: "replicate/google/veo-3-fast",
    name: "Veo 3 Fast (Replicate)",
    description: "Veo 3 on Replicate at lower cost and render time.",
    tags: ["audio", "fast"],
    addedAt: "2025-07-01",
    variants: veoVariants("google/veo-3-fast"),
    // What Replicate billed for Veo 3.1 Fast on 2026-09-06 (github.com/pollinations/pollinations/pull/14521).
    price: { unit: "second", micro: 100_000, when: withAudio(150_000) },
    usualSeconds: 70,
  },
  {
    ...veo,
    id: "replicate/google/veo-3.1",
    name: "Veo 3.1 (Replicate)",
    description: "Google's Veo 3.1 on Replicate; may end with a given image too.",
    tags: ["audio", "flagship"],
    addedAt: "2025-10-15",
    variants: veoVariants("google/veo-3.1", lastFrame),
    // Third parties' lists of 2026.
    price: { unit: "second", micro: 200_000, when: withAudio(400_000) },
  },
  {
    ...VIDEO,
    id: "replicate/kwaivgi/kling-v2.5-turbo-pro",
    name: "Kling 2.5 Turbo Pro (Replicate)",
    description:
      "Kuaishou's Kling 2.5 Turbo Pro on Replicate; text to video, and image to video when an image is given.",
    tags: ["silent"],
    addedAt: "2025-09-23",
    durationsSeconds: [5, 10],
    variants: {
      text: {
        endpoint: "kwaivgi/kling-v2.5-turbo-pro",
        duration: inSeconds,
        params: { aspect_ratio: oneOf(["16:9", "9:16", "1:1"], "16:9"), negative_prompt: freeText },
      },
      // The video has the aspect ratio of the image: an aspect_ratio would be ignored.
      image: {
        endpoint: "kwaivgi/kling-v2.5-turbo-pro",
        imageField: "start_image",
        duration: inSeconds,
        params: { negative_prompt: freeText, end_image: { type: "image_url" } },
      },
    },
    // Third parties' lists of 2026.
    price: { unit: "second", micro: 70_000 },
    usualSeconds: 120,
  },
  {
    ...IMAGE,
    id: "replicate/black-forest-labs/flux-schnell",
    name: "FLUX.1 schnell (Replicate)",
    description: "Black Forest Labs' fast text-to-image model on Replicate.",
    tags: ["fast"],
    featured: true,
    addedAt: "2024-08-01",
    variants: { text: fluxText("black-forest-labs/flux-schnell", { num_inference_steps: steps(4, 4) }) },
    // cinemasetfree.com's copy of the model page, 2026.
    price: { unit: "image", micro: 3000 },
    usualSeconds: 2,
  },
  {
    ...IMAGE,
    id: "replicate/black-forest-labs/flux-dev",
    name: "FLUX.1 dev (Replicate)",
    description: "Black Forest Labs' 12-billion-parameter text-to-image model on Replicate.",
    addedAt: "2024-08-01",
    variants: {
      text: fluxText("black-forest-labs/flux-dev", {
        num_inference_steps: steps(50, 28),
        guidance: { type: "number", min: 0, max: 10, default: 3 },
      }),
    },
    // cinemasetfree.com's copy of the model page, 2026.
    price: { unit: "image", micro: 25_000 },
    usualSeconds: 5,
  },
  {
    ...IMAGE,
    id: "replicate/black-forest-labs/flux-1.1-pro",
    name: "FLUX1.1 pro (Replicate)",
    description: "Black Forest Labs' professional text-to-image model on Replicate.",
    tags: ["flagship"],
    addedAt: "2024-10-03",
    variants: {
      text: {
        endpoint: "black-forest-labs/flux-1.1-pro",
        // Replicate rounds each side to a multiple of 32 itself.
        size: {
          as: "fields",
          width: "width",
          height: "height",
          min: 256,
          max: 1440,
          mode: { field: "aspect_ratio", value: "custom" },
        },
        params: {
          aspect_ratio: oneOf(["1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"], "1:1"),
          ...outputParams,
          safety_tolerance: { type: "integer", min: 1, max: 6, default: 2 },
          prompt_upsampling: flag(false),
        },
      },
    },
    // lumenfall.ai's list, 2026.
    price: { unit: "image", micro: 40_000 },
    usualSeconds: 6,
  },
  {
    ...IMAGE,
    id: "replicate/stability-ai/stable-diffusion-3.5-large",
    name: "Stable Diffusion 3.5 Large (Replicate)",
    description: "Stability AI's 8-billion-parameter text-to-image model on Replicate; takes a negative prompt.",
    tags: ["negative prompt"],
    addedAt: "2024-10-22",
    variants: {
      text: {
        endpoint: "stability-ai/stable-diffusion-3.5-large",
        size: { as: "listed", field: "aspect_ratio", sizes: stableSizes },
        params: {
          aspect_ratio: oneOf(
            stableSizes.map(({ value }) => value),
            "1:1",
          ),
          negative_prompt: freeText,
          cfg: { type: "number", min: 1, max: 10, default: 5 },
          seed,
          output_format: oneOf(["webp", "jpg", "png"], "webp"),
        },
      },
    },
    // lumenfall.ai's list, 2026.
    price: { unit: "image", micro: 65_000 },
    usualSeconds: 6,
  },
];
