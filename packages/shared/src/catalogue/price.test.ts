import { VIDEO_MODEL_PRESETS } from "@visgate/providers";
import { describe, expect, test } from "vitest";
import { catalogue, GOOD_ENTRY, model, planFor, type RequestFields } from "../../../../tests/support/catalogue.js";
import { defaultPrice } from "./price.js";
import { catalogueModel } from "./schema.js";

/** Calculated by hand from the providers' price pages: seconds, megapixels or images times the price per unit. */
const DEFAULT_MICRO: Record<string, number> = {
  "fal-ai/veo3": 2_400_000,
  "fal-ai/veo3/fast": 900_000,
  "fal-ai/veo3/image-to-video": 2_400_000,
  "fal-ai/veo3.1": 2_400_000,
  "fal-ai/veo3.1/fast": 900_000,
  "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": 350_000,
  "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": 350_000,
  "fal-ai/kling-video/v2.5-turbo/standard/image-to-video": 210_000,
  "fal-ai/kling-video/v3/pro/text-to-video": 840_000,
  "fal-ai/kling-video/v3/pro/image-to-video": 840_000,
  "fal-ai/flux/schnell": 3000,
  "fal-ai/flux/dev": 25_000,
  "fal-ai/flux-pro/v1.1": 40_000,
  "fal-ai/stable-diffusion-v3-medium": 35_000,
  "replicate/google/veo-3": 2_400_000,
  "replicate/google/veo-3-fast": 900_000,
  "replicate/google/veo-3.1": 2_400_000,
  "replicate/kwaivgi/kling-v2.5-turbo-pro": 350_000,
  "replicate/black-forest-labs/flux-schnell": 3000,
  "replicate/black-forest-labs/flux-dev": 25_000,
  "replicate/black-forest-labs/flux-1.1-pro": 40_000,
  "replicate/stability-ai/stable-diffusion-3.5-large": 65_000,
  "runway/gen4_turbo": 250_000,
  "runway/gen4.5": 600_000,
  "runway/veo3.1": 2_400_000,
  "runway/veo3.1_fast": 900_000,
  "runway/gen4_image": 80_000,
};

describe("defaultPrice: with only a prompt", () => {
  test("every model costs the calculated price, in a plan and in the list", () => {
    expect([...catalogue.keys()].toSorted()).toEqual(Object.keys(DEFAULT_MICRO).toSorted());
    for (const [id, micro] of Object.entries(DEFAULT_MICRO)) {
      expect(planFor(id, { image: model(id).variants.text === undefined }).estimatedCostMicro, id).toBe(micro);
      expect(defaultPrice(model(id)).baseMicro, id).toBe(micro);
    }
  });

  test.each([
    { provider: "fal", micro: 2_400_000 },
    { provider: "replicate", micro: 2_400_000 },
    { provider: "runway", micro: 250_000 },
  ] as const)("the preset of $provider costs $micro", ({ provider, micro }) => {
    const id = VIDEO_MODEL_PRESETS[provider] ?? "";
    expect(planFor(id, { image: model(id).variants.text === undefined }).estimatedCostMicro).toBe(micro);
  });
});

const PRICES: ({ id: string; micro: number } & RequestFields)[] = [
  // seconds, with and without sound
  { id: "fal-ai/veo3", duration_seconds: 6, params: { generate_audio: true }, micro: 2_400_000 },
  { id: "fal-ai/veo3", duration_seconds: 6, params: { generate_audio: false }, micro: 1_200_000 },
  { id: "fal-ai/veo3", image: true, duration_seconds: 6, params: { generate_audio: false }, micro: 1_200_000 },
  { id: "fal-ai/veo3", duration_seconds: 8, params: { resolution: "1080p" }, micro: 3_200_000 },
  { id: "fal-ai/veo3/fast", duration_seconds: 8, params: { generate_audio: false }, micro: 800_000 },
  { id: "fal-ai/veo3.1", duration_seconds: 4, micro: 1_600_000 },
  { id: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video", duration_seconds: 10, micro: 700_000 },
  { id: "fal-ai/kling-video/v2.5-turbo/standard/image-to-video", image: true, duration_seconds: 10, micro: 420_000 },
  { id: "fal-ai/kling-video/v3/pro/text-to-video", duration_seconds: 15, micro: 2_520_000 },
  { id: "fal-ai/kling-video/v3/pro/text-to-video", params: { generate_audio: false }, micro: 560_000 },
  { id: "replicate/google/veo-3", duration_seconds: 8, params: { generate_audio: false }, micro: 1_600_000 },
  { id: "runway/gen4.5", duration_seconds: 10, micro: 1_200_000 },
  { id: "runway/gen4_turbo", image: true, duration_seconds: 10, micro: 500_000 },
  // both names of a param
  { id: "runway/veo3.1", duration_seconds: 8, micro: 3_200_000 },
  { id: "runway/veo3.1", duration_seconds: 8, params: { generate_audio: false }, micro: 1_600_000 },
  { id: "runway/veo3.1", duration_seconds: 8, params: { audio: false }, micro: 1_600_000 },
  { id: "runway/veo3.1_fast", image: true, duration_seconds: 8, params: { audio: false }, micro: 800_000 },
  // megapixels, rounded up
  { id: "fal-ai/flux/schnell", num_images: 4, micro: 12_000 },
  { id: "fal-ai/flux/schnell", params: { image_size: "square" }, micro: 3000 },
  { id: "fal-ai/flux/schnell", params: { image_size: { width: 1025, height: 1024 } }, micro: 6000 },
  { id: "fal-ai/flux/schnell", width: 1025, height: 1024, micro: 6000 },
  { id: "fal-ai/flux/dev", width: 2048, height: 2048, num_images: 2, micro: 200_000 },
  // images
  { id: "replicate/black-forest-labs/flux-schnell", num_images: 4, micro: 12_000 },
  { id: "replicate/black-forest-labs/flux-1.1-pro", width: 1440, height: 1440, micro: 40_000 },
  { id: "fal-ai/stable-diffusion-v3-medium", width: 2048, height: 2048, num_images: 2, micro: 70_000 },
  // a cheaper size, in every way to ask for it
  { id: "runway/gen4_image", width: 1280, height: 720, micro: 50_000 },
  { id: "runway/gen4_image", width: 1920, height: 1080, micro: 80_000 },
  { id: "runway/gen4_image", params: { ratio: "720:1280" }, micro: 50_000 },
  { id: "runway/gen4_image", params: { ratio: "2112:912" }, micro: 80_000 },
  { id: "runway/gen4_image", params: { aspect_ratio: "16:9" }, micro: 80_000 },
];
test.each(PRICES)("plan: $id with $duration_seconds s and $params costs $micro", ({ id, micro, ...asked }) => {
  expect(planFor(id, asked).estimatedCostMicro).toBe(micro);
});

test("defaultPrice: a model that cannot make the default duration or size has a price too", () => {
  const short = catalogueModel.parse({ ...GOOD_ENTRY, durationsSeconds: [3, 2] });
  expect(defaultPrice(short)).toEqual({ baseMicro: 30_000, unitMicro: 10_000 });
  const image = { ...GOOD_ENTRY, mediaType: "image", durationsSeconds: [], price: { unit: "image", micro: 7 } };
  const sizes = [{ value: "tiny", width: 100, height: 300 }];
  const listed = { endpoint: "x/y", size: { as: "listed", field: "size", sizes } };
  const small = catalogueModel.parse({ ...image, variants: { text: listed } });
  expect(defaultPrice(small).baseMicro).toBe(7);
  expect(planFor(small).input.size).toEqual({ width: 100, height: 300 });
});
