import { expect, test } from "vitest";
import { planFor } from "../../../../tests/support/catalogue.js";
import { makingText } from "./cache-hash.js";

const NO_INPUT = { image: null, media: [] };

test("makingText: a param that was sent unchecked is not the same param once the catalogue knows it", () => {
  const unchecked = planFor("fal-ai/veo3.1/fast", { params: { camera: "left" }, params_unchecked: true });
  const known = { ...unchecked, uncheckedParams: [] };
  expect(makingText(unchecked, false, NO_INPUT)).not.toBe(makingText(known, false, NO_INPUT));
});

test("makingText: params_unchecked alone changes nothing", () => {
  const params = { seed: 7 };
  const [one, other] = [true, false].map((params_unchecked) =>
    makingText(planFor("fal-ai/veo3.1/fast", { params, params_unchecked }), false, NO_INPUT),
  );
  expect(one).toBe(other);
});
