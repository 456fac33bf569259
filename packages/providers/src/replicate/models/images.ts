import {
  type CatalogueEntry,
  flag,
  freeText,
  oneOf,
  type Params,
  seed,
  type VariantEntry,
} from "@visgate/shared/catalogue";
import { FLUX_SIZES, GEMINI_SIZES, SEEDREAM_SIZES } from "../../model-sizes.js";
import { fromPages, IMAGE, noImagePrice } from "./shared.js";

const outputParams: Params = {
  seed,
  output_format: oneOf(["webp", "jpg", "png"], "webp"),
  output_quality: { type: "integer", min: 0, max: 100, default: 80 },
};
/** Stability AI's sizes of about one megapixel are the same, for fewer shapes. */
const stableSizes = FLUX_SIZES.filter(({ value }) => value !== "3:4" && value !== "4:3");
const fluxText = (endpoint: string, params: Params): VariantEntry => ({
  endpoint,
  size: { as: "listed", field: "aspect_ratio", sizes: FLUX_SIZES },
  count: { field: "num_outputs", max: 4 },
  params: {
    aspect_ratio: oneOf(
      FLUX_SIZES.map(({ value }) => value),
      "1:1",
    ),
    ...outputParams,
    go_fast: flag(true),
    ...params,
  },
});
const shapesOf = (sizes: { value: string }[]) => sizes.map(({ value }) => value);
const steps = (max: number, standard: number) => ({ type: "integer", min: 1, max, default: standard }) as const;

export const imageModels: CatalogueEntry[] = [
  {
    ...IMAGE,
    id: "replicate/black-forest-labs/flux-schnell",
    name: "FLUX.1 schnell (Replicate)",
    description: "Black Forest Labs' fast text-to-image model on Replicate.",
    tags: ["fast"],
    featured: true,
    addedAt: "2024-08-01",
    variants: { text: fluxText("black-forest-labs/flux-schnell", { num_inference_steps: steps(4, 4) }) },
    source: fromPages("black-forest-labs/flux-schnell", "cinemasetfree.com, a copy of the model page of 2026"),
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
    source: fromPages("black-forest-labs/flux-dev", "cinemasetfree.com, a copy of the model page of 2026"),
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
    source: fromPages("black-forest-labs/flux-1.1-pro", "lumenfall.ai, its list of 2026"),
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
    source: fromPages("stability-ai/stable-diffusion-3.5-large", "lumenfall.ai, its list of 2026"),
    price: { unit: "image", micro: 65_000 },
    usualSeconds: 6,
  },
  {
    ...IMAGE,
    ...noImagePrice,
    id: "replicate/black-forest-labs/flux-2-pro",
    name: "FLUX.2 pro (Replicate)",
    description: "Black Forest Labs' professional FLUX.2 on Replicate.",
    tags: ["flagship"],
    addedAt: "2025-11-14",
    variants: {
      text: {
        endpoint: "black-forest-labs/flux-2-pro",
        // Replicate rounds each side to a multiple of 16 itself.
        size: {
          as: "fields",
          width: "width",
          height: "height",
          min: 256,
          max: 2048,
          mode: { field: "aspect_ratio", value: "custom" },
        },
        params: {
          aspect_ratio: oneOf(["1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"], "1:1"),
          resolution: oneOf(["0.5 MP", "1 MP", "2 MP", "4 MP"], "1 MP"),
          ...outputParams,
          safety_tolerance: { type: "integer", min: 1, max: 5, default: 2 },
        },
      },
    },
    usualSeconds: 10,
  },
  {
    ...IMAGE,
    ...noImagePrice,
    id: "replicate/google/nano-banana-2",
    name: "Nano Banana 2 (Replicate)",
    description: "Google's Gemini 3.1 Flash Image on Replicate, up to 4K.",
    tags: ["fast"],
    addedAt: "2026-02-26",
    variants: {
      text: {
        endpoint: "google/nano-banana-2",
        size: { as: "listed", field: "aspect_ratio", sizes: GEMINI_SIZES },
        params: {
          aspect_ratio: { type: "string", values: shapesOf(GEMINI_SIZES) },
          resolution: oneOf(["1K", "2K", "4K"], "1K"),
          google_search: flag(false),
          image_search: flag(false),
          output_format: oneOf(["jpg", "png"], "jpg"),
        },
      },
    },
    usualSeconds: 15,
  },
  {
    ...IMAGE,
    ...noImagePrice,
    id: "replicate/bytedance/seedream-4.5",
    name: "Seedream 4.5 (Replicate)",
    description: "ByteDance's Seedream 4.5 on Replicate, in 2K and 4K.",
    addedAt: "2025-12-03",
    variants: {
      text: {
        endpoint: "bytedance/seedream-4.5",
        size: { as: "listed", field: "aspect_ratio", sizes: SEEDREAM_SIZES },
        params: {
          aspect_ratio: { type: "string", values: shapesOf(SEEDREAM_SIZES) },
          size: oneOf(["2K", "4K"], "2K"),
        },
      },
    },
    usualSeconds: 15,
  },
];
