import { VIDEO_MODEL_PRESETS } from "@visgate/providers";
import { describe, expect, test } from "vitest";
import {
  catalogue,
  GOOD_ENTRY,
  leastOf,
  model,
  planFor,
  type RequestFields,
} from "../../../../tests/support/catalogue.js";
import { defaultPrice } from "./price.js";
import { catalogueModel } from "./schema.js";

/**
 * Calculated by hand from the providers' price pages: seconds, megapixels or images times the price per unit. Null: the
 * price is not known.
 */
const DEFAULT_MICRO: Record<string, number | null> = {
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
  "fal-ai/veo3.1/lite": 300_000,
  "fal-ai/kling-video/v3/standard/text-to-video": 630_000,
  "fal-ai/kling-video/v3/standard/image-to-video": 630_000,
  "fal-ai/kling-video/o3/standard/image-to-video": 560_000,
  "fal-ai/minimax/hailuo-2.3/pro/text-to-video": 490_000,
  "fal-ai/minimax/hailuo-2.3/pro/image-to-video": 490_000,
  "fal-ai/minimax/hailuo-2.3-fast/pro/image-to-video": 330_000,
  "fal-ai/bytedance/seedance/v1.5/pro/text-to-video": 259_200,
  "fal-ai/bytedance/seedance/v1.5/pro/image-to-video": 259_200,
  "bytedance/seedance-2.0/text-to-video": 1_512_000,
  "bytedance/seedance-2.0/image-to-video": 1_512_000,
  "bytedance/seedance-2.0/fast/text-to-video": 1_209_600,
  "bytedance/seedance-2.0/reference-to-video": 1_512_000,
  "bytedance/seedance-2.5/text-to-video": null,
  "bytedance/seedance-2.5/image-to-video": null,
  "bytedance/seedance-2.5/reference-to-video": null,
  "minimax/h3/text-to-video": 650_000,
  "minimax/h3/image-to-video": 650_000,
  "minimax/h3/reference-to-video": 650_000,
  "minimax/h3-max/text-to-video": 400_000,
  "minimax/h3-max/image-to-video": 400_000,
  "minimax/h3-max/reference-to-video": 400_000,
  "minimax/h3-max-turbo/image-to-video": 200_000,
  "luma/agent/ray/v3.2/text-to-video": 500_000,
  "luma/agent/ray/v3.2/image-to-video": 150_000,
  "luma/agent/ray/v3.2/video-to-video": 720_000,
  "fal-ai/kling-video/v3/pro/motion-control": null,
  "fal-ai/ltx-2.3/text-to-video": 480_000,
  "fal-ai/ltx-2.3/text-to-video/fast": 240_000,
  "fal-ai/ltx-2.3/image-to-video": 360_000,
  "fal-ai/pixverse/v6/text-to-video": 300_000,
  "fal-ai/pixverse/v6/image-to-video": 300_000,
  "fal-ai/flux-pro/kontext/text-to-image": 40_000,
  "fal-ai/flux-pro/kontext/max/text-to-image": 80_000,
  "fal-ai/flux-2-pro": 30_000,
  "fal-ai/flux-2-max": 70_000,
  "fal-ai/flux-2-flex": 50_000,
  "fal-ai/flux-2/turbo": 8000,
  "fal-ai/flux-2/klein/9b": 6000,
  "fal-ai/nano-banana-2": 80_000,
  "fal-ai/nano-banana-pro": 150_000,
  "fal-ai/bytedance/seedream/v4.5/text-to-image": 40_000,
  "fal-ai/recraft/v3/text-to-image": 40_000,
  "fal-ai/ideogram/v3": 60_000,
  "fal-ai/flux/schnell": 3000,
  "fal-ai/flux/dev": 25_000,
  "fal-ai/flux-pro/v1.1": 40_000,
  "fal-ai/stable-diffusion-v3-medium": 35_000,
  "replicate/google/veo-3": 2_400_000,
  "replicate/google/veo-3-fast": 900_000,
  "replicate/google/veo-3.1": 2_400_000,
  "replicate/google/veo-3.1-fast": 900_000,
  "replicate/bytedance/seedance-2.0": null,
  "replicate/xai/grok-imagine-video": null,
  "replicate/topazlabs/video-upscale": null,
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
  "replicate/black-forest-labs/flux-2-pro": null,
  "replicate/google/nano-banana-2": null,
  "replicate/bytedance/seedream-4.5": null,
  "runway/seedance2_5": 1_500_000,
  "runway/seedance2": 1_800_000,
  "runway/seedance2_fast": 1_450_000,
  "runway/seedance2_mini": 800_000,
  "runway/hailuo3": 500_000,
  "runway/h3_max": 400_000,
  "runway/wan3": 500_000,
  "runway/wan3_prime": 700_000,
  "runway/gemini_omni_flash": 500_000,
  "runway/gemini_omni_flash_1.1": null,
  "runway/grok_imagine_1_5": null,
  "runway/happyhorse_1_0": null,
  "runway/gemini_image3_pro": null,
  "runway/gpt_image_2": null,
  "runway/seedream5_pro": null,
  "runway/grok_imagine_image_2": null,
  "runway/muse_image": 10_000,
  // The length of the caller's video decides.
  "runway/aleph2": null,
  "runway/act_two": null,
  "runway/magnific_video_upscaler_creative": null,
};

describe("defaultPrice: with only a prompt", () => {
  test("every model costs the calculated price, in a plan and in the list", () => {
    expect([...catalogue.keys()].toSorted()).toEqual(Object.keys(DEFAULT_MICRO).toSorted());
    for (const [id, micro] of Object.entries(DEFAULT_MICRO)) {
      expect(planFor(id, leastOf(id)).estimatedCostMicro, id).toBe(micro);
      expect(defaultPrice(model(id)).baseMicro, id).toBe(micro);
    }
  });

  test.each([
    { provider: "fal", micro: 2_400_000 },
    { provider: "replicate", micro: 2_400_000 },
    { provider: "runway", micro: 250_000 },
  ] as const)("the preset of $provider costs $micro", ({ provider, micro }) => {
    const id = VIDEO_MODEL_PRESETS[provider] ?? "";
    expect(planFor(id, leastOf(id)).estimatedCostMicro).toBe(micro);
  });
});

const PRICES: ({ id: string; micro: number | null } & RequestFields)[] = [
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
  { id: "fal-ai/kling-video/v3/standard/text-to-video", params: { generate_audio: false }, micro: 420_000 },
  {
    id: "fal-ai/kling-video/o3/standard/image-to-video",
    image: true,
    params: { generate_audio: false },
    micro: 420_000,
  },
  // a price by the pixels of the ratio
  { id: "runway/seedance2_5", duration_seconds: 30, micro: 9_000_000 },
  { id: "runway/seedance2_5", params: { ratio: "854:480" }, micro: 1_000_000 },
  { id: "runway/seedance2_5", image: true, params: { ratio: "1080:1920" }, micro: 3_400_000 },
  { id: "runway/seedance2", params: { ratio: "864:496" }, micro: 1_800_000 },
  { id: "runway/seedance2", params: { ratio: "1920:1080" }, micro: 2_000_000 },
  { id: "runway/seedance2", duration_seconds: 15, params: { ratio: "3840:2160" }, micro: 22_500_000 },
  { id: "runway/hailuo3", duration_seconds: 15, params: { resolution: "2k" }, micro: 2_250_000 },
  { id: "runway/wan3", params: { ratio: "624:624" }, micro: 250_000 },
  { id: "runway/wan3", duration_seconds: 30, params: { aspect_ratio: "9:16" }, micro: 3_000_000 },
  { id: "runway/wan3", image: true, params: { resolution: "480p" }, micro: 250_000 },
  { id: "runway/wan3_prime", image: true, params: { ratio: "auto_1080p" }, micro: 1_400_000 },
  { id: "runway/wan3_prime", duration_seconds: 2, params: { ratio: "480:832" }, micro: 136_000 },
  { id: "runway/h3_max", duration_seconds: 15, params: { resolution: "480p" }, micro: 750_000 },
  // a price by resolution, and by resolution and sound
  { id: "minimax/h3/text-to-video", params: { resolution: "768P" }, micro: 300_000 },
  {
    id: "minimax/h3/image-to-video",
    image: true,
    duration_seconds: 15,
    params: { resolution: "4K" },
    micro: 2_400_000,
  },
  { id: "minimax/h3-max/text-to-video", params: { resolution: "1080P" }, micro: 800_000 },
  { id: "minimax/h3-max-turbo/image-to-video", image: true, params: { resolution: "480P" }, micro: 125_000 },
  { id: "luma/agent/ray/v3.2/text-to-video", duration_seconds: 10, params: { resolution: "720p" }, micro: 2_000_000 },
  { id: "luma/agent/ray/v3.2/image-to-video", image: true, params: { resolution: "1080p" }, micro: 1_200_000 },
  { id: "fal-ai/ltx-2.3/text-to-video", duration_seconds: 6, params: { resolution: "1440p" }, micro: 960_000 },
  { id: "fal-ai/ltx-2.3/text-to-video", duration_seconds: 10, params: { resolution: "2160p" }, micro: 3_200_000 },
  { id: "fal-ai/ltx-2.3/text-to-video/fast", duration_seconds: 20, micro: 800_000 },
  { id: "fal-ai/pixverse/v6/text-to-video", params: { generate_audio: false }, micro: 225_000 },
  { id: "fal-ai/pixverse/v6/text-to-video", params: { resolution: "360p", generate_audio: false }, micro: 125_000 },
  { id: "fal-ai/pixverse/v6/text-to-video", params: { resolution: "360p" }, micro: 175_000 },
  {
    id: "fal-ai/pixverse/v6/text-to-video",
    params: { resolution: "540p", generate_audio_switch: false },
    micro: 175_000,
  },
  { id: "fal-ai/pixverse/v6/image-to-video", image: true, params: { resolution: "540p" }, micro: 225_000 },
  { id: "fal-ai/pixverse/v6/text-to-video", params: { resolution: "1080p", generate_audio: false }, micro: 450_000 },
  { id: "fal-ai/pixverse/v6/text-to-video", duration_seconds: 15, params: { resolution: "1080p" }, micro: 1_725_000 },
  // only one price is known
  { id: "fal-ai/veo3.1/lite", duration_seconds: 8, micro: 400_000 },
  { id: "fal-ai/veo3.1/lite", duration_seconds: 8, params: { resolution: "1080p" }, micro: null },
  { id: "fal-ai/veo3.1/lite", duration_seconds: 8, params: { generate_audio: false }, micro: null },
  // both names of a param
  { id: "runway/veo3.1", duration_seconds: 8, micro: 3_200_000 },
  { id: "runway/veo3.1", duration_seconds: 8, params: { generate_audio: false }, micro: 1_600_000 },
  { id: "runway/veo3.1", duration_seconds: 8, params: { audio: false }, micro: 1_600_000 },
  { id: "runway/veo3.1_fast", image: true, duration_seconds: 8, params: { audio: false }, micro: 800_000 },
  // thousands of tokens: width x height x 24 frames x seconds / 1024
  { id: "bytedance/seedance-2.0/text-to-video", duration_seconds: 10, micro: 3_024_000 },
  { id: "bytedance/seedance-2.0/text-to-video", params: { aspect_ratio: "4:3" }, micro: 1_521_529 },
  { id: "bytedance/seedance-2.0/text-to-video", params: { resolution: "480p" }, micro: 703_080 },
  { id: "bytedance/seedance-2.0/text-to-video", params: { resolution: "480p", aspect_ratio: "1:1" }, micro: 672_000 },
  { id: "bytedance/seedance-2.0/image-to-video", image: true, params: { resolution: "480p" }, micro: 703_080 },
  { id: "fal-ai/bytedance/seedance/v1.5/pro/text-to-video", params: { generate_audio: false }, micro: 129_600 },
  {
    id: "fal-ai/bytedance/seedance/v1.5/pro/text-to-video",
    duration_seconds: 12,
    params: { resolution: "1080p", aspect_ratio: "21:9" },
    micro: 1_408_641,
  },
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
  { id: "fal-ai/nano-banana-2", params: { resolution: "0.5K" }, micro: 60_000 },
  { id: "fal-ai/nano-banana-2", params: { resolution: "2K" }, micro: 120_000 },
  { id: "fal-ai/nano-banana-2", params: { resolution: "4K" }, micro: 160_000 },
  { id: "fal-ai/nano-banana-pro", num_images: 2, params: { resolution: "2K" }, micro: 300_000 },
  { id: "fal-ai/nano-banana-pro", params: { resolution: "4K" }, micro: 300_000 },
  { id: "fal-ai/flux-2-flex", width: 1920, height: 1080, micro: 100_000 },
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
