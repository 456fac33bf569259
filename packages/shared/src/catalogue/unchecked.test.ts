import { describe, expect, test } from "vitest";
import { bodyFor, faultFor, GOOD_ENTRY, model, planFor } from "../../../../tests/support/catalogue.js";
import type { JsonValue } from "../request/record.js";
import { catalogueModel } from "./schema.js";

const VEO = "fal-ai/veo3.1/fast";
const FLUX = "fal-ai/flux/schnell";
const FLUX_DEV = "replicate/black-forest-labs/flux-dev";
const RUNWAY = "runway/veo3.1";

describe("params_unchecked", () => {
  test("unknown params are sent as they are, beside the known ones", () => {
    const params = { seed: 7, camera: { move: "left", speed: 0.5 }, loras: ["a", "b"], constructor: "x" };
    const { body } = bodyFor(VEO, { params, params_unchecked: true });
    expect(body).toMatchObject({ ...params, prompt: "p" });
    expect(planFor(VEO, { params, params_unchecked: true }).uncheckedParams).toEqual([
      "camera",
      "loras",
      "constructor",
    ]);
  });

  test("known params are still checked", () => {
    const { details } = faultFor(VEO, { params: { seed: "x", camera: 1 }, params_unchecked: true });
    expect(details["field"]).toBe("params.seed");
  });

  test("the price stays that of the catalogue", () => {
    const plain = planFor(VEO).estimatedCostMicro;
    expect(planFor(VEO, { params: { camera: 1 }, params_unchecked: true }).estimatedCostMicro).toBe(plain);
  });

  test("without it, an unknown param is refused with a text that names it", () => {
    const fault = faultFor(VEO, { params: { camera: 1 } });
    expect([fault.code, fault.details["field"]]).toEqual(["VALIDATION_ERROR", "params.camera"]);
    expect(fault.message).toContain("params_unchecked: true");
  });

  test.each([
    { id: VEO, name: "prompt", advice: "use prompt instead" },
    { id: VEO, name: "duration", advice: "use duration_seconds instead" },
    { id: VEO, name: "image_url", advice: "use image_url instead" },
    { id: VEO, name: "fal_webhook", advice: "leave it out" },
    { id: VEO, name: "webhook_url", advice: "leave it out" },
    { id: FLUX_DEV, name: "webhook", advice: "leave it out" },
    { id: FLUX_DEV, name: "webhook_events_filter", advice: "leave it out" },
    { id: FLUX_DEV, name: "num_outputs", advice: "use num_images instead" },
    { id: RUNWAY, name: "promptText", advice: "use prompt instead" },
    { id: RUNWAY, name: "promptImage", advice: "use image_url instead" },
    { id: RUNWAY, name: "model", advice: "leave it out" },
    { id: "openai-videos/any", name: "model", advice: "leave it out" },
    { id: "openai-videos/any", name: "seconds", advice: "use duration_seconds instead" },
  ])("$id: $name would replace what the gateway writes: $advice", ({ id, name, advice }) => {
    const { code, message, details } = faultFor(id, { params: { [name]: "x" }, params_unchecked: true });
    expect([code, details["field"]]).toEqual(["VALIDATION_ERROR", `params.${name}`]);
    expect(message).toBe(`params.${name} is a field that the gateway writes itself; ${advice}.`);
  });

  test("no field that any model's entry writes can be replaced", () => {
    for (const one of [model(FLUX), model(VEO), model(RUNWAY), model(FLUX_DEV), model("runway/gen4_image")]) {
      for (const [name, variant] of Object.entries(one.variants)) {
        const fields = { image: name === "image", params: {} };
        const { body } = bodyFor(one.id, fields, "https://images.example.com/photo.jpg");
        const known = variant?.params ?? {};
        for (const field of Object.keys(body).filter((key) => !Object.hasOwn(known, key))) {
          const attempt = {
            ...fields,
            params: { [field]: "mine" } as Record<string, JsonValue>,
            params_unchecked: true,
          };
          expect(faultFor(one.id, attempt).details["field"]).toBe(`params.${field}`);
        }
      }
    }
  });

  test("the provider's name of a known param is refused: its value would be neither checked nor priced", () => {
    const { text } = GOOD_ENTRY.variants;
    const variants = { text: { ...text, params: { ...text.params, sound: { type: "boolean", field: "audio" } } } };
    const entry = catalogueModel.parse({ ...GOOD_ENTRY, variants });
    const { message, details } = faultFor(entry, { params: { audio: true }, params_unchecked: true });
    expect([details["field"], message]).toEqual(["params.audio", "params.audio is sound here; use sound instead."]);
  });

  test("they may have 32 KB together", () => {
    const of = (length: number) => ({ params: { camera: "x".repeat(length) }, params_unchecked: true });
    expect(() => planFor(VEO, of(32_000))).not.toThrow();
    expect(faultFor(VEO, of(33_000)).details).toEqual({ field: "params", allowed: { maximum_bytes: 32_768 } });
  });
});
