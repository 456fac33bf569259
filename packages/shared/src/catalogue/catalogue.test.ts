import { describe, expect, test } from "vitest";
import { VisgateError } from "../domain/errors.js";
import type { JsonValue } from "../domain/request.js";
import { BUILT_IN_MODELS, loadCatalogue } from "./catalogue.js";
import { type Plan, plan, providerBody, variantOf } from "./plan.js";
import type { CatalogueModel } from "./schema.js";

const VEO = "fal-ai/veo3";
const KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
const KLING_IMAGE = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
const FLUX = "fal-ai/flux/schnell";
const catalogue = loadCatalogue();

function model(id: string): CatalogueModel {
  const found = catalogue.get(id);
  if (found === undefined) throw new Error(`no model ${id}`);
  return found;
}
interface Wanted {
  image?: boolean;
  seconds?: number;
  params?: Record<string, JsonValue>;
}
const planFor = (id: string, { image = false, seconds = 5, params = {} }: Wanted = {}): Plan =>
  plan(model(id), {
    hasImage: image,
    durationSeconds: seconds,
    params: { values: params, fieldOf: (name) => `params.${name}` },
  });
function faultFor(id: string, wanted: Wanted): VisgateError {
  try {
    planFor(id, wanted);
  } catch (error) {
    if (error instanceof VisgateError) return error;
    throw error;
  }
  throw new Error("the plan was accepted");
}

describe("plan: the variant", () => {
  test.each([
    { id: VEO, image: false, endpoint: "fal-ai/veo3" },
    { id: VEO, image: true, endpoint: "fal-ai/veo3/image-to-video" },
    { id: "fal-ai/veo3/fast", image: false, endpoint: "fal-ai/veo3/fast" },
    { id: "fal-ai/veo3/fast", image: true, endpoint: "fal-ai/veo3/fast/image-to-video" },
    { id: "fal-ai/veo3/image-to-video", image: true, endpoint: "fal-ai/veo3/image-to-video" },
    { id: "fal-ai/veo3.1", image: false, endpoint: "fal-ai/veo3.1" },
    { id: "fal-ai/veo3.1", image: true, endpoint: "fal-ai/veo3.1/image-to-video" },
    { id: KLING, image: false, endpoint: KLING },
    { id: KLING_IMAGE, image: true, endpoint: KLING_IMAGE },
    { id: FLUX, image: false, endpoint: FLUX },
  ])("$id with image=$image is $endpoint", ({ id, image, endpoint }) => {
    expect(planFor(id, { image }).endpoint).toBe(endpoint);
    expect(variantOf(model(id), endpoint)?.endpoint).toBe(endpoint);
  });

  test.each([
    { id: "fal-ai/veo3/image-to-video", image: false, allowed: "required" },
    { id: KLING_IMAGE, image: false, allowed: "required" },
    { id: KLING, image: true, allowed: "none" },
    { id: FLUX, image: true, allowed: "none" },
  ])("$id with image=$image is refused: $allowed", ({ id, image, allowed }) => {
    const { code, message, details } = faultFor(id, { image });
    expect(code).toBe("VALIDATION_ERROR");
    expect(details).toEqual({ field: "image_url", allowed });
    expect(message).toContain("image_url");
  });

  test("an endpoint the model does not have is undefined", () => {
    expect(variantOf(model(VEO), "fal-ai/veo9")).toBeUndefined();
  });
});

describe("plan: the duration", () => {
  test.each([
    { id: VEO, seconds: 5, durationSeconds: 6 },
    { id: VEO, seconds: 0.5, durationSeconds: 4 },
    { id: VEO, seconds: 8, durationSeconds: 8 },
    { id: KLING, seconds: 5, durationSeconds: 5 },
    { id: KLING, seconds: 5.5, durationSeconds: 10 },
    { id: FLUX, seconds: 5, durationSeconds: null },
    { id: FLUX, seconds: 5000, durationSeconds: null },
  ])("$id: $seconds s is $durationSeconds", ({ id, seconds, durationSeconds }) => {
    expect(planFor(id, { seconds }).durationSeconds).toBe(durationSeconds);
  });

  test.each([
    { id: VEO, seconds: 9, allowed: [4, 6, 8] },
    { id: KLING, seconds: 10.5, allowed: [5, 10] },
  ])("$id: $seconds s is refused, with what it takes", ({ id, seconds, allowed }) => {
    const { message, details } = faultFor(id, { seconds });
    expect(details).toEqual({ field: "duration_seconds", allowed });
    expect(message).toMatch(new RegExp(`duration_seconds.*${allowed.at(-1)}`));
  });
});

describe("plan: params", () => {
  test.each([
    { id: VEO, params: { aspect_ratio: "9:16", resolution: "1080p", generate_audio: false, seed: 0, auto_fix: false } },
    { id: VEO, params: { seed: 2 ** 32 - 1, safety_tolerance: "6", negative_prompt: "" } },
    { id: VEO, image: true, params: { aspect_ratio: "auto" } },
    { id: KLING, params: { cfg_scale: 0.5, aspect_ratio: "1:1" } },
    { id: FLUX, params: { image_size: "square", num_images: 4 } },
    { id: FLUX, params: { image_size: { width: 64, height: 4096 } } },
  ])("$id takes $params", ({ id, image = false, params }) => {
    expect(() => planFor(id, { image, params })).not.toThrow();
  });

  const integer = { minimum: 0, maximum: 2 ** 32 - 1 };
  const sizes = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"];
  test.each([
    // of a list of strings
    { id: VEO, name: "resolution", value: "4k", allowed: ["720p", "1080p"] },
    { id: VEO, name: "resolution", value: 720, allowed: ["720p", "1080p"] },
    { id: VEO, name: "resolution", value: null, allowed: ["720p", "1080p"] },
    { id: VEO, name: "resolution", value: ["720p"], allowed: ["720p", "1080p"] },
    { id: VEO, name: "aspect_ratio", value: "auto", allowed: ["16:9", "9:16"] },
    { id: VEO, name: "safety_tolerance", value: 4, allowed: ["1", "2", "3", "4", "5", "6"] },
    // a free string
    { id: VEO, name: "negative_prompt", value: 5, allowed: undefined },
    { id: VEO, name: "negative_prompt", value: "x".repeat(10_001), allowed: undefined },
    // a whole number
    { id: VEO, name: "seed", value: -1, allowed: integer },
    { id: VEO, name: "seed", value: 1.5, allowed: integer },
    { id: VEO, name: "seed", value: 2 ** 32, allowed: integer },
    { id: VEO, name: "seed", value: "1", allowed: integer },
    { id: VEO, name: "seed", value: true, allowed: integer },
    { id: FLUX, name: "num_images", value: 0, allowed: { minimum: 1, maximum: 4 } },
    { id: FLUX, name: "num_images", value: 5, allowed: { minimum: 1, maximum: 4 } },
    // a number
    { id: KLING, name: "cfg_scale", value: 1.01, allowed: { minimum: 0, maximum: 1 } },
    { id: KLING, name: "cfg_scale", value: "0.5", allowed: { minimum: 0, maximum: 1 } },
    // a flag
    { id: VEO, name: "generate_audio", value: "false", allowed: [true, false] },
    { id: VEO, name: "generate_audio", value: 0, allowed: [true, false] },
    { id: VEO, name: "generate_audio", value: null, allowed: [true, false] },
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
  ] as { id: string; name: string; value: JsonValue; allowed: unknown }[])(
    "$id: $name = $value names the field and what it takes",
    ({ id, name, value, allowed }) => {
      const { code, message, details } = faultFor(id, { params: { [name]: value } });
      expect(code).toBe("VALIDATION_ERROR");
      expect(details["field"]).toBe(`params.${name}`);
      expect(details["allowed"]).toEqual(allowed);
      expect(message).toMatch(new RegExp(`^params\\.${name} must be .+\\.$`));
      expect(message).not.toMatch(/undefined|null|\[object/);
    },
  );

  test.each([
    { id: VEO, name: "sparkle", hint: null },
    { id: VEO, name: "duration", hint: "duration_seconds" },
    { id: KLING, name: "duration", hint: "duration_seconds" },
    { id: KLING, name: "generate_audio", hint: null },
    { id: FLUX, name: "duration", hint: null },
    { id: FLUX, name: "", hint: null },
    { id: VEO, name: "constructor", hint: null },
    { id: VEO, name: "hasOwnProperty", hint: null },
  ])("$id: $name is unknown (hint: $hint)", ({ id, name, hint }) => {
    const { message, details } = faultFor(id, { params: { [name]: 1 } });
    expect(details).toEqual({ field: `params.${name}`, allowed: Object.keys(model(id).variants.text?.params ?? {}) });
    expect(message).toContain("is not a parameter of this model.");
    if (hint === null) expect(message).not.toContain("Use");
    else expect(message).toContain(`Use ${hint} instead.`);
  });
});

describe("prices, in micro-USD", () => {
  test.each([
    { id: VEO, seconds: 6, params: {}, micro: 2_400_000 },
    { id: VEO, seconds: 6, params: { generate_audio: true }, micro: 2_400_000 },
    { id: VEO, seconds: 6, params: { generate_audio: false }, micro: 1_200_000 },
    { id: VEO, seconds: 5, params: {}, micro: 2_400_000 },
    { id: VEO, seconds: 8, params: { generate_audio: false }, micro: 1_600_000 },
    { id: "fal-ai/veo3/fast", seconds: 8, params: {}, micro: 1_200_000 },
    { id: "fal-ai/veo3/fast", seconds: 8, params: { generate_audio: false }, micro: 800_000 },
    { id: "fal-ai/veo3.1", seconds: 4, params: {}, micro: 1_600_000 },
    { id: KLING, seconds: 5, params: {}, micro: 350_000 },
    { id: KLING, seconds: 10, params: {}, micro: 700_000 },
    { id: FLUX, seconds: 5, params: {}, micro: 3000 },
    { id: FLUX, seconds: 5, params: { num_images: 4 }, micro: 12_000 },
    { id: FLUX, seconds: 5, params: { image_size: "square" }, micro: 3000 },
    { id: FLUX, seconds: 5, params: { image_size: { width: 1024, height: 1024 } }, micro: 3000 },
    { id: FLUX, seconds: 5, params: { image_size: { width: 1025, height: 1024 } }, micro: 6000 },
    { id: FLUX, seconds: 5, params: { image_size: { width: 2048, height: 2048 }, num_images: 2 }, micro: 24_000 },
  ] as { id: string; seconds: number; params: Record<string, JsonValue>; micro: number }[])(
    "$id, $seconds s, $params: $micro",
    ({ id, seconds, params, micro }) => {
      expect(planFor(id, { seconds, params }).estimatedCostMicro).toBe(micro);
    },
  );

  test("the image variant costs by its own params", () => {
    expect(planFor(VEO, { image: true, seconds: 6 }).estimatedCostMicro).toBe(2_400_000);
    expect(planFor(VEO, { image: true, seconds: 6, params: { generate_audio: false } }).estimatedCostMicro).toBe(
      1_200_000,
    );
  });
});

describe("providerBody: the provider's own words, to the letter", () => {
  const body = (id: string, seconds: number | null, image: string | null, params: Record<string, JsonValue> = {}) => {
    const { text, image: imageVariant } = model(id).variants;
    const variant = image === null ? text : imageVariant;
    if (variant === undefined) throw new Error("no such variant");
    return providerBody(variant, { prompt: "p", image: null, durationSeconds: seconds, params }, image);
  };

  test.each([
    { id: VEO, seconds: 6, spelled: "6s" },
    { id: VEO, seconds: 8, spelled: "8s" },
    { id: "fal-ai/veo3/fast", seconds: 4, spelled: "4s" },
    { id: "fal-ai/veo3.1", seconds: 4, spelled: "4s" },
    { id: KLING, seconds: 5, spelled: "5" },
    { id: KLING, seconds: 10, spelled: "10" },
  ])("$id: $seconds s is $spelled", ({ id, seconds, spelled }) => {
    expect(body(id, seconds, null)).toEqual({ prompt: "p", duration: spelled });
  });

  test("with image and params", () => {
    expect(body(KLING_IMAGE, 5, "https://x.example.com/a.jpg", { cfg_scale: 0.2 })).toEqual({
      prompt: "p",
      duration: "5",
      image_url: "https://x.example.com/a.jpg",
      cfg_scale: 0.2,
    });
    expect(body("fal-ai/veo3/image-to-video", 8, "data:x", { generate_audio: false })).toEqual({
      prompt: "p",
      duration: "8s",
      image_url: "data:x",
      generate_audio: false,
    });
  });

  test("an image model gets no duration", () => {
    expect(body(FLUX, null, null, { num_images: 2 })).toEqual({ prompt: "p", num_images: 2 });
  });

  test("no param can take the place of what we set ourselves", () => {
    expect(body(VEO, 6, null, { prompt: "other", duration: "8s" })).toEqual({ prompt: "p", duration: "6s" });
  });
});

describe("loadCatalogue", () => {
  const [good] = BUILT_IN_MODELS;

  test("holds the models we promise", () => {
    expect([...catalogue.keys()]).toEqual(
      expect.arrayContaining([
        VEO,
        "fal-ai/veo3/fast",
        "fal-ai/veo3/image-to-video",
        "fal-ai/veo3.1",
        KLING,
        KLING_IMAGE,
        FLUX,
      ]),
    );
  });

  test("every default is one its own spec takes, and every price rule names a param that exists", () => {
    for (const { id, variants, price } of catalogue.values()) {
      for (const kind of ["text", "image"] as const) {
        const variant = variants[kind];
        if (variant === undefined) continue;
        const defaults = Object.entries(variant.params).flatMap(([name, spec]) =>
          spec.default === undefined ? [] : [[name, spec.default] as const],
        );
        expect(() => planFor(id, { image: kind === "image", params: Object.fromEntries(defaults) })).not.toThrow();
        for (const rule of price.when) expect(variant.params).toHaveProperty(rule.param);
      }
    }
  });

  test("tells every fault, one per line, with model and field", () => {
    const entries = [
      good,
      { ...good, id: "Bad Id", usualSeconds: 0 },
      { ...good, price: { unit: "hour", micro: 1.5 } },
      { ...good, addedAt: "yesterday", suprise: true },
      null,
    ];
    const error = (() => {
      try {
        loadCatalogue(entries);
      } catch (reason) {
        return String((reason as Error).message);
      }
    })();
    const [head, ...lines] = (error ?? "").split("\n");
    expect(head).toBe("The model catalogue is wrong:");
    expect(lines.map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
      "model 1: id",
      "model 1: usualSeconds",
      "model 2: price.unit",
      "model 2: price.micro",
      "model 3: addedAt",
      expect.stringMatching(/^model 3: /),
      expect.stringMatching(/^model 4: /),
    ]);
    expect(lines.join("\n")).toContain("suprise");
  });

  test("a later entry replaces an earlier one of its id", () => {
    const loaded = loadCatalogue([good, { ...good, name: "Renamed" }]);
    expect([...loaded.values()].map(({ name }) => name)).toEqual(["Renamed"]);
  });
});
