import { describe, expect, test } from "vitest";
import { faultFor, model, planFor } from "../../../../tests/support/catalogue.js";
import type { JsonValue } from "../request/record.js";

const VEO = "fal-ai/veo3";
const KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
const KLING_IMAGE = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
const FLUX = "fal-ai/flux/schnell";
const FLUX_PRO = "replicate/black-forest-labs/flux-1.1-pro";
const RUNWAY = "runway/veo3.1";

test.each([
  { id: VEO, params: { aspect_ratio: "9:16", resolution: "1080p", generate_audio: false, seed: 0, auto_fix: false } },
  { id: VEO, params: { seed: 2 ** 32 - 1, safety_tolerance: "6", negative_prompt: "" } },
  { id: VEO, image: true, params: { aspect_ratio: "auto" } },
  { id: KLING, params: { cfg_scale: 0.5, aspect_ratio: "1:1" } },
  { id: KLING_IMAGE, image: true, params: { tail_image_url: "https://images.example.com/last.jpg" } },
  { id: FLUX, params: { image_size: "square" } },
  { id: FLUX, params: { image_size: { width: 64, height: 4096 } } },
  { id: RUNWAY, params: { aspect_ratio: "9:16", audio: false } },
  { id: RUNWAY, params: { ratio: "1920:1080", generate_audio: true } },
])("checkParams: $id takes $params", ({ id, image = false, params }) => {
  expect(() => planFor(id, { image, params })).not.toThrow();
});

const seeds = { minimum: 0, maximum: 2 ** 32 - 1 };
const sizes = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"];
const runwayRatios = ["1280:720", "720:1280", "1920:1080", "1080:1920"];
test.each([
  // strings of a list
  { id: VEO, name: "resolution", value: "4k", allowed: ["720p", "1080p"] },
  { id: VEO, name: "resolution", value: 720, allowed: ["720p", "1080p"] },
  { id: VEO, name: "resolution", value: null, allowed: ["720p", "1080p"] },
  { id: VEO, name: "resolution", value: ["720p"], allowed: ["720p", "1080p"] },
  { id: VEO, name: "aspect_ratio", value: "auto", allowed: ["16:9", "9:16"] },
  { id: VEO, name: "safety_tolerance", value: 4, allowed: ["1", "2", "3", "4", "5", "6"] },
  { id: RUNWAY, name: "aspect_ratio", value: "1:1", allowed: ["16:9", "9:16"] },
  { id: RUNWAY, name: "aspect_ratio", value: "1280:720", allowed: ["16:9", "9:16"] },
  { id: RUNWAY, name: "ratio", value: "16:9", allowed: runwayRatios },
  // a free string
  { id: VEO, name: "negative_prompt", value: 5, allowed: { type: "string", maximum_length: 10_000 } },
  { id: VEO, name: "negative_prompt", value: "x".repeat(10_001), allowed: { type: "string", maximum_length: 10_000 } },
  // a whole number
  { id: VEO, name: "seed", value: -1, allowed: seeds },
  { id: VEO, name: "seed", value: 1.5, allowed: seeds },
  { id: VEO, name: "seed", value: 2 ** 32, allowed: seeds },
  { id: VEO, name: "seed", value: "1", allowed: seeds },
  { id: VEO, name: "seed", value: true, allowed: seeds },
  { id: FLUX_PRO, name: "safety_tolerance", value: "2", allowed: { minimum: 1, maximum: 6 } },
  { id: FLUX_PRO, name: "safety_tolerance", value: 7, allowed: { minimum: 1, maximum: 6 } },
  // a number
  { id: KLING, name: "cfg_scale", value: 1.01, allowed: { minimum: 0, maximum: 1 } },
  { id: KLING, name: "cfg_scale", value: "0.5", allowed: { minimum: 0, maximum: 1 } },
  // a flag
  { id: VEO, name: "generate_audio", value: "false", allowed: [true, false] },
  { id: VEO, name: "generate_audio", value: 0, allowed: [true, false] },
  { id: VEO, name: "generate_audio", value: null, allowed: [true, false] },
  // a second image
  { id: KLING_IMAGE, image: true, name: "tail_image_url", value: "http://10.0.0.1/a.jpg", allowed: "https URL" },
  { id: KLING_IMAGE, image: true, name: "tail_image_url", value: "data:image/png;base64,AA", allowed: "https URL" },
  { id: KLING_IMAGE, image: true, name: "tail_image_url", value: 5, allowed: "https URL" },
  // a size
  { id: FLUX, name: "image_size", value: "huge", allowed: sizes },
  { id: FLUX, name: "image_size", value: 512, allowed: sizes },
  { id: FLUX, name: "image_size", value: {}, allowed: sizes },
  { id: FLUX, name: "image_size", value: { width: 512 }, allowed: sizes },
  { id: FLUX, name: "image_size", value: { width: "512", height: 512 }, allowed: sizes },
  { id: FLUX, name: "image_size", value: { width: 63, height: 512 }, allowed: sizes },
  { id: FLUX, name: "image_size", value: { width: 512.5, height: 512 }, allowed: sizes },
  { id: FLUX, name: "image_size", value: { width: 4096, height: 4096 }, allowed: sizes },
  { id: FLUX, name: "image_size", value: { width: 512, height: 512, depth: 1 }, allowed: sizes },
  { id: FLUX, name: "image_size", value: [512, 512], allowed: sizes },
] as { id: string; image?: boolean; name: string; value: JsonValue; allowed: unknown }[])(
  "checkParams: $id refuses $name = $value with the field and its allowed values",
  ({ id, image = false, name, value, allowed }) => {
    const { code, message, details } = faultFor(id, { image, params: { [name]: value } });
    expect(code).toBe("VALIDATION_ERROR");
    expect(details["field"]).toBe(`params.${name}`);
    expect(details["allowed"]).toEqual(allowed);
    expect(message).toMatch(new RegExp(`^params\\.${name} must be .+\\.$`));
    expect(message).not.toMatch(/undefined|null|\[object/);
  },
);

describe("an unknown param", () => {
  test.each([
    { id: VEO, name: "sparkle", hint: null },
    { id: VEO, name: "duration", hint: "duration_seconds" },
    { id: VEO, name: "prompt", hint: "prompt" },
    { id: "runway/gen4.5", name: "promptText", hint: "prompt" },
    { id: KLING, name: "duration", hint: "duration_seconds" },
    { id: KLING, name: "generate_audio", hint: null },
    { id: FLUX, name: "num_images", hint: "num_images" },
    { id: FLUX, name: "duration", hint: null },
    { id: "replicate/black-forest-labs/flux-dev", name: "num_outputs", hint: "num_images" },
    { id: "runway/gen4.5", name: "model", hint: null },
    { id: FLUX, name: "", hint: null },
    { id: VEO, name: "constructor", hint: null },
    { id: VEO, name: "hasOwnProperty", hint: null },
  ])("$id: $name (hint: $hint)", ({ id, name, hint }) => {
    const { message, details } = faultFor(id, { params: { [name]: 1 } });
    expect(details).toEqual({ field: `params.${name}`, allowed: Object.keys(model(id).variants.text?.params ?? {}) });
    expect(message).toContain("is not a parameter of this model.");
    if (hint === null) expect(message).not.toContain("Use");
    else expect(message).toContain(`Use ${hint} instead.`);
  });

  test("allowed names are those of the variant: a last frame needs a first image", () => {
    const params = { last_frame: "https://images.example.com/last.jpg" };
    expect(() => planFor("replicate/google/veo-3.1", { image: true, params })).not.toThrow();
    expect(faultFor("replicate/google/veo-3.1", { params }).details).toMatchObject({ field: "params.last_frame" });
    expect(faultFor("replicate/google/veo-3", { image: true, params }).details).toMatchObject({
      field: "params.last_frame",
    });
  });
});

test.each([
  { params: { aspect_ratio: "16:9", ratio: "1280:720" }, names: ["aspect_ratio", "ratio"] },
  { params: { audio: true, generate_audio: true }, names: ["audio", "generate_audio"] },
  { params: { negative_prompt: "rain", negativePrompt: "rain" }, names: ["negative_prompt", "negativePrompt"] },
])("checkParams: two names of one param are refused: $names", ({ params, names }) => {
  const { code, message, details } = faultFor(RUNWAY, { params });
  expect([code, details["field"]]).toEqual(["VALIDATION_ERROR", `params.${names[1]}`]);
  for (const name of names) expect(message).toContain(`params.${name}`);
});
