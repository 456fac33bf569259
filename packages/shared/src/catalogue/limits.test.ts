import { describe, expect, test } from "vitest";
import { catalogue, model } from "../../../../tests/support/catalogue.js";
import { modelLimits, ratioName } from "./limits.js";

describe("modelLimits", () => {
  test.each([
    {
      id: "fal-ai/veo3",
      limits: {
        durationsSeconds: [4, 6, 8],
        aspectRatios: ["16:9", "9:16"],
        resolutions: ["720p", "1080p"],
        imageInput: "optional",
        inputs: [{ role: "first", required: false, max: 1 }],
        negativePrompt: true,
      },
    },
    {
      id: "runway/gen4.5",
      limits: {
        durationsSeconds: [2, 3, 4, 5, 6, 7, 8, 9, 10],
        aspectRatios: ["16:9", "9:16"],
        resolutions: [],
        imageInput: "optional",
        inputs: [{ role: "first", required: false, max: 1 }],
        negativePrompt: false,
      },
    },
    {
      id: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
      limits: {
        ...{ durationsSeconds: [5, 10], aspectRatios: [], resolutions: [] },
        ...{ imageInput: "required", negativePrompt: true },
        inputs: [
          { role: "first", required: true, max: 1 },
          { role: "last", required: false, max: 1 },
        ],
      },
    },
    {
      id: "fal-ai/flux/schnell",
      limits: {
        ...{ durationsSeconds: [], aspectRatios: [], resolutions: [] },
        ...{ imageInput: "none", negativePrompt: false, inputs: [] },
      },
    },
  ])("$id", ({ id, limits }) => {
    expect(modelLimits(model(id))).toEqual(limits);
  });

  test("aspect ratios have their usual names for every provider", () => {
    for (const entry of catalogue.values()) {
      for (const name of modelLimits(entry).aspectRatios)
        expect(name, entry.id).toMatch(/^(\d{1,2}:\d{1,2}|auto|adaptive)$/);
    }
  });

  test("a list of sizes makes aspect ratios and resolutions, also without a param for them", () => {
    const { aspectRatios, resolutions } = modelLimits(model("runway/gen4_image"));
    expect(aspectRatios).toEqual(["1:1", "16:9", "9:16", "4:3", "3:4", "21:9"]);
    expect(resolutions).toContain("1168x880");
    const entry = model("replicate/black-forest-labs/flux-schnell");
    const { text } = entry.variants;
    if (text === undefined) throw new Error("no text variant");
    const bare = modelLimits({ ...entry, variants: { text: { ...text, params: {} } } });
    expect(bare.aspectRatios).toContain("16:9");
  });
});

test.each([
  [1024, 1024, "1:1"],
  [1344, 768, "16:9"],
  [720, 1280, "9:16"],
  [1104, 832, "4:3"],
  [1584, 672, "21:9"],
  [3000, 1000, "3:1"],
])("ratioName: %i x %i is %s", (width, height, name) => {
  expect(ratioName(width, height)).toBe(name);
});
