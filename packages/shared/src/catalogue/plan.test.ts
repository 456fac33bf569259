import { VIDEO_MODEL_PRESETS } from "@visgate/providers";
import { describe, expect, test } from "vitest";
import { catalogue, faultFor, leastOf, model, planFor } from "../../../../tests/support/catalogue.js";
import { type VariantKind, variantOf } from "./schema.js";

const VEO = "fal-ai/veo3";
const KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
const KLING_IMAGE = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
const KLING_3 = "fal-ai/kling-video/v3/pro/text-to-video";
const FLUX = "fal-ai/flux/schnell";

describe("the variant", () => {
  test.each([
    { id: VEO, image: false, endpoint: "fal-ai/veo3" },
    { id: VEO, image: true, endpoint: "fal-ai/veo3/image-to-video" },
    { id: KLING_IMAGE, image: true, endpoint: KLING_IMAGE },
    { id: "replicate/google/veo-3", image: false, endpoint: "google/veo-3" },
    { id: "replicate/google/veo-3", image: true, endpoint: "google/veo-3" },
    { id: "runway/gen4.5", image: false, endpoint: "text_to_video" },
    { id: "runway/gen4.5", image: true, endpoint: "image_to_video" },
    { id: "runway/gen4_image", image: false, endpoint: "text_to_image" },
  ])("$id with image=$image calls $endpoint", ({ id, image, endpoint }) => {
    expect(planFor(id, { image }).endpoint).toBe(endpoint);
    expect(variantOf(model(id), image)?.endpoint).toBe(endpoint);
  });

  test.each([
    { id: "fal-ai/veo3/image-to-video", image: false, allowed: "required" },
    { id: KLING_IMAGE, image: false, allowed: "required" },
    { id: "runway/gen4_turbo", image: false, allowed: "required" },
    { id: KLING, image: true, allowed: "none" },
    { id: FLUX, image: true, allowed: "none" },
  ])("$id with image=$image is refused: image $allowed", ({ id, image, allowed }) => {
    const { code, message, details } = faultFor(id, { image });
    expect([code, details]).toEqual(["VALIDATION_ERROR", { field: "image_url", allowed }]);
    expect(message).toContain("image_url");
  });
});

describe("the prompt", () => {
  test("has at most 1000 UTF-16 units for Runway", () => {
    const asked = { image: true, prompt: "x".repeat(1000) };
    expect(() => planFor("runway/gen4_turbo", asked)).not.toThrow();
    const { code, details } = faultFor("runway/gen4_turbo", { image: true, prompt: `${"x".repeat(999)}🌊` });
    expect([code, details]).toEqual(["VALIDATION_ERROR", { field: "prompt", allowed: { maximum: 1000 } }]);
  });
});

describe("the duration", () => {
  test.each([
    // 5 s on every provider
    { id: VEO, seconds: 5, mapped: 6 },
    { id: KLING, seconds: 5, mapped: 5 },
    { id: "replicate/google/veo-3", seconds: 5, mapped: 6 },
    { id: "replicate/kwaivgi/kling-v2.5-turbo-pro", seconds: 5, mapped: 5 },
    { id: "runway/gen4.5", seconds: 5, mapped: 5 },
    { id: "runway/gen4.5", seconds: 5.5, mapped: 6 },
    { id: "runway/gen4_turbo", image: true, seconds: 5, mapped: 5 },
    { id: "runway/gen4_turbo", image: true, seconds: 5.5, mapped: 6 },
    { id: "runway/veo3.1", seconds: 5, mapped: 6 },
    // limits
    { id: VEO, seconds: 0.5, mapped: 4 },
    { id: VEO, seconds: 8, mapped: 8 },
    { id: VEO, seconds: 8.005, mapped: 8 },
    { id: KLING, seconds: 5.5, mapped: 10 },
    { id: KLING_3, seconds: 1, mapped: 3 },
    { id: KLING_3, seconds: 14.2, mapped: 15 },
    { id: "runway/gen4.5", seconds: 1, mapped: 2 },
    { id: FLUX, seconds: 5, mapped: null },
    { id: FLUX, seconds: 5000, mapped: null },
  ])("$id: $seconds s becomes $mapped s", ({ id, image = false, seconds, mapped }) => {
    expect(planFor(id, { image, duration_seconds: seconds }).input.durationSeconds).toBe(mapped);
  });

  test.each([
    { id: VEO, seconds: 9, allowed: [4, 6, 8] },
    { id: KLING, seconds: 10.5, allowed: [5, 10] },
    { id: "runway/gen4.5", seconds: 11, allowed: [2, 3, 4, 5, 6, 7, 8, 9, 10] },
  ])("$id: $seconds s is refused with the allowed durations", ({ id, seconds, allowed }) => {
    const { message, details } = faultFor(id, { duration_seconds: seconds });
    expect(details).toEqual({ field: "duration_seconds", allowed });
    expect(message).toMatch(new RegExp(`duration_seconds.*${allowed.at(-1)}`));
  });
});

describe("the number of images", () => {
  test.each([
    { id: FLUX, count: 4, max: 4 },
    { id: "replicate/black-forest-labs/flux-dev", count: 4, max: 4 },
    { id: "replicate/black-forest-labs/flux-1.1-pro", count: null, max: 1 },
    { id: "runway/gen4_image", count: null, max: 1 },
  ])("$id: is at most $max", ({ id, count, max }) => {
    expect(planFor(id, { num_images: max }).input.count).toBe(count);
    const { code, details } = faultFor(id, { num_images: max + 1 });
    expect([code, details]).toEqual(["VALIDATION_ERROR", { field: "num_images", allowed: { maximum: max } }]);
  });
});

describe("the built-in models", () => {
  test("are at least sixty, of three providers", () => {
    expect(catalogue.size).toBeGreaterThanOrEqual(60);
    expect(new Set([...catalogue.values()].map(({ provider }) => provider))).toEqual(
      new Set(["fal", "replicate", "runway"]),
    );
  });

  test("work with only a prompt, and an image if they need one", () => {
    for (const { id } of catalogue.values()) {
      expect(() => planFor(id, leastOf(id)), id).not.toThrow();
    }
  });

  /** They make no square of 1024 x 1024, but their smallest square instead. */
  const LARGER_SQUARES: Record<string, number> = {
    "runway/gpt_image_2": 1920,
    "runway/muse_image": 1600,
    "replicate/bytedance/seedream-4.5": 2048,
  };
  test("make one image of 1024 x 1024 if they make images", () => {
    const images = [...catalogue.values()].filter(({ mediaType }) => mediaType === "image");
    expect(images.length).toBeGreaterThanOrEqual(6);
    for (const { id } of images) {
      const side = LARGER_SQUARES[id] ?? 1024;
      expect(planFor(id, { width: 1024, height: 1024, num_images: 1 }).input.size, id).toEqual({
        width: side,
        height: side,
      });
    }
  });

  test("include the preset of each provider", () => {
    for (const [provider, id] of Object.entries(VIDEO_MODEL_PRESETS)) {
      expect(model(id)).toMatchObject({ provider, mediaType: "video", featured: true });
    }
  });

  test("have defaults that their own specs take", () => {
    for (const one of catalogue.values()) {
      for (const [kind, variant] of Object.entries(one.variants)) {
        const least = leastOf(one.id, kind as VariantKind);
        for (const [name, spec] of Object.entries(variant?.params ?? {})) {
          const params = spec.default === undefined ? {} : { [name]: spec.default };
          expect(() => planFor(one, { ...least, params }), `${one.id} ${name}`).not.toThrow();
        }
      }
    }
  });
});
