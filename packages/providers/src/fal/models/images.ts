/** Images of other makers than Black Forest Labs. */
import { type CatalogueEntry, flag, freeText, oneOf, type Params, seed } from "@visgate/shared/catalogue";
import { GEMINI_SIZES, listedSizes } from "../../model-sizes.js";
import { IMAGE, imageText, LITELLM, llms, SDK, source, steps } from "./shared.js";

const SHAPES = ["21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16"];
const shaped = (values: string[]) => ({
  as: "listed" as const,
  field: "aspect_ratio",
  sizes: GEMINI_SIZES.filter(({ value }) => values.includes(value)),
});
const WIDE_SHAPES = [...SHAPES, "4:1", "1:4", "8:1", "1:8"];
/** fal's named sizes. */
const NAMED_SIZES = listedSizes({
  ...{ square_hd: "1024x1024", square: "512x512", portrait_4_3: "768x1024", portrait_16_9: "576x1024" },
  ...{ landscape_4_3: "1024x768", landscape_16_9: "1024x576" },
});
const bananaParams: Params = {
  output_format: oneOf(["jpeg", "png", "webp"], "png"),
  safety_tolerance: oneOf(["1", "2", "3", "4", "5", "6"], "4"),
  enable_web_search: { type: "boolean" },
  limit_generations: { type: "boolean" },
  seed,
};

export const imageModels: CatalogueEntry[] = [
  {
    ...IMAGE,
    id: "fal-ai/nano-banana-2",
    name: "Nano Banana 2",
    description: "Google's Gemini 3.1 Flash Image: fast, up to 4K, with good text in images.",
    tags: ["fast"],
    featured: true,
    addedAt: "2026-02-26",
    variants: {
      text: {
        endpoint: "fal-ai/nano-banana-2",
        size: shaped(WIDE_SHAPES),
        params: {
          aspect_ratio: oneOf(["auto", ...WIDE_SHAPES], "auto"),
          resolution: oneOf(["0.5K", "1K", "2K", "4K"], "1K"),
          thinking_level: { type: "string", values: ["minimal", "high"] },
          ...bananaParams,
        },
      },
    },
    price: {
      unit: "image",
      micro: 80_000,
      when: [
        { params: { resolution: "0.5K" }, micro: 60_000 },
        { params: { resolution: "2K" }, micro: 120_000 },
        { params: { resolution: "4K" }, micro: 160_000 },
      ],
    },
    usualSeconds: 15,
    source: source(SDK, LITELLM),
  },
  {
    ...IMAGE,
    id: "fal-ai/nano-banana-pro",
    name: "Nano Banana Pro",
    description: "Google's Gemini 3 Pro Image: up to 4K, with the best text in images.",
    tags: ["flagship"],
    addedAt: "2025-11-20",
    variants: {
      text: {
        endpoint: "fal-ai/nano-banana-pro",
        size: shaped(SHAPES),
        count: { field: "num_images", max: 4 },
        params: {
          aspect_ratio: oneOf(["auto", ...SHAPES], "1:1"),
          resolution: oneOf(["1K", "2K", "4K"], "1K"),
          ...bananaParams,
        },
      },
    },
    price: { unit: "image", micro: 150_000, when: [{ params: { resolution: "4K" }, micro: 300_000 }] },
    usualSeconds: 25,
    source: source(`https://fal.ai/docs/model-api-reference/image-generation-api/nano-banana-pro, ${SDK}`, LITELLM),
  },
  {
    ...IMAGE,
    id: "fal-ai/bytedance/seedream/v4.5/text-to-image",
    name: "Seedream 4.5",
    description: "ByteDance's Seedream 4.5, up to 4K.",
    addedAt: "2025-12-03",
    variants: {
      text: {
        endpoint: "fal-ai/bytedance/seedream/v4.5/text-to-image",
        count: { field: "num_images", max: 6 },
        // Pixels cannot be chosen freely: fewer than 2560 x 1440 are refused, but the names are not.
        size: { as: "listed", field: "image_size", sizes: NAMED_SIZES },
        params: {
          image_size: { type: "string", values: [...NAMED_SIZES.map(({ value }) => value), "auto_2K", "auto_4K"] },
          seed,
        },
      },
    },
    price: { unit: "image", micro: 40_000 },
    usualSeconds: 15,
    source: source(
      `${SDK}, and https://fal.ai/models/fal-ai/bytedance/seedream/v4.5/text-to-image/playground`,
      "https://fal.ai/models/fal-ai/bytedance/seedream/v4.5/text-to-image/playground",
    ),
  },
  {
    ...IMAGE,
    id: "fal-ai/recraft/v3/text-to-image",
    name: "Recraft V3",
    description: "Recraft's V3 in its realistic style, with long texts in images.",
    addedAt: "2026-11-30",
    variants: {
      // Without `style`: vector images cost twice as much, and are no PNG or JPEG.
      text: imageText("fal-ai/recraft/v3/text-to-image", {}, { standardSize: "square_hd", maxImages: null }),
    },
    price: { unit: "image", micro: 40_000 },
    usualSeconds: 8,
    source: source(SDK, `${LITELLM} ($0.0398), and other lists of 2026 ($0.04)`),
  },
  {
    ...IMAGE,
    id: "fal-ai/ideogram/v3",
    name: "Ideogram V3",
    description: "Ideogram's V3 for posters and logos, with good typography; takes a negative prompt.",
    tags: ["negative prompt"],
    addedAt: "2026-11-30",
    variants: {
      // Without `rendering_speed`, which changes the price: only that of the default is known.
      text: imageText(
        "fal-ai/ideogram/v3",
        {
          negative_prompt: freeText,
          expand_prompt: flag(true),
          style: { type: "string", values: ["AUTO", "GENERAL", "REALISTIC", "DESIGN"] },
          seed,
        },
        { standardSize: "square_hd", maxImages: null },
      ),
    },
    price: { unit: "image", micro: 60_000 },
    usualSeconds: 12,
    source: source(SDK, LITELLM),
  },
  {
    ...IMAGE,
    id: "fal-ai/stable-diffusion-v3-medium",
    name: "Stable Diffusion 3 Medium",
    description: "Stability AI's 2-billion-parameter text-to-image model; takes a negative prompt.",
    tags: ["negative prompt"],
    addedAt: "2024-06-12",
    variants: {
      text: imageText(
        "fal-ai/stable-diffusion-v3-medium",
        {
          seed,
          negative_prompt: freeText,
          prompt_expansion: flag(false),
          num_inference_steps: steps(50, 28),
          guidance_scale: { type: "number", min: 1, max: 20, default: 5 },
        },
        { standardSize: "square_hd" },
      ),
    },
    price: { unit: "image", micro: 35_000 },
    usualSeconds: 5,
    source: {
      inputs: `${SDK}; the ranges are those of docs.aimlapi.com, which hands calls on to fal`,
      price: llms("fal-ai/stable-diffusion-v3-medium"),
      seenAt: "2026-11-29",
    },
  },
];
