import { describe, expect, test } from "vitest";
import { nearest } from "./nearest.js";

const IDS = ["fal-ai/veo3", "fal-ai/veo3/fast", "replicate/google/veo-3", "runway/gen4_turbo", "runway/gen4.5"];

describe("nearest", () => {
  test.each([
    { typed: "veo3", near: "fal-ai/veo3" },
    { typed: "Fal-AI/Veo3", near: "fal-ai/veo3" },
    { typed: "fal-ai/veo4", near: "fal-ai/veo3" },
    { typed: "fal/veo3", near: "fal-ai/veo3" },
    { typed: "runwayml/gen4_turbo", near: "runway/gen4_turbo" },
    { typed: "veo-3", near: "replicate/google/veo-3" },
    { typed: "google/veo-3", near: "replicate/google/veo-3" },
    { typed: "runway/gen4-turbo", near: "runway/gen4_turbo" },
    { typed: "fal-ai/veo-3/fast", near: "fal-ai/veo3/fast" },
  ])("finds $near for $typed", ({ typed, near }) => expect(nearest(typed, IDS)).toBe(near));

  test.each(["nope/none", "", "gpt", "gen", "runway/gen9_ultra_long"])("finds nothing for '%s'", (typed) => {
    expect(nearest(typed, IDS)).toBeNull();
  });
});
