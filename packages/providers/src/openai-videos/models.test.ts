import { describe, expect, test } from "vitest";
import { bodyFor, faultFor, model, planFor } from "../../../../tests/support/catalogue.js";
import { loadModels } from "../index.js";

describe("openai-videos: models that are in no catalogue", () => {
  test.each(["openai-videos/wan-2.2", "openai-videos/Wan-AI/Wan2.2-T2V:fp8", "openai-videos/wan-2.2@gpu-a"])(
    "%s: is a model",
    (id) => {
      expect(model(id)).toMatchObject({ id, provider: "openai-videos", mediaType: "video" });
      expect(planFor(id)).toMatchObject({ endpoint: id.slice("openai-videos/".length), estimatedCostMicro: null });
    },
  );

  test.each(["openai-videos/", "openai-videos/../files", "openai-videos/a b", "openai-videos/a@b@c", "other/wan-2.2"])(
    "%s: is not a model",
    (id) => expect(loadModels().get(id)).toBeUndefined(),
  );

  test("models: are not in the list of models", () => {
    const models = loadModels();
    models.get("openai-videos/wan-2.2");
    expect([...models.values()].filter(({ provider }) => provider === "openai-videos")).toEqual([]);
    expect(models.has("openai-videos/wan-2.2")).toBe(false);
  });

  test("body: always has seconds and size as text, and other params unchanged", () => {
    const { body } = bodyFor("openai-videos/wan-2.2", { params: { seed: 7 } });
    expect(body).toEqual({ prompt: "p", seconds: "5", size: "1280x720", seed: 7 });
  });

  test("body: has the image in input_reference", () => {
    const { body } = bodyFor("openai-videos/wan-2.2", { image: true }, "https://images.example.com/a.png");
    expect(body).toMatchObject({ input_reference: "https://images.example.com/a.png" });
  });

  test("duration_seconds: 60 is the maximum", () => {
    expect(faultFor("openai-videos/wan-2.2", { duration_seconds: 61 }).details["field"]).toBe("duration_seconds");
  });
});
