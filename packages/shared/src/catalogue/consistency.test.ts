import { expect, test } from "vitest";
import { GOOD_ENTRY } from "../../../../tests/support/catalogue.js";
import { catalogueModel } from "./schema.js";

const { text } = GOOD_ENTRY.variants;
const withText = (change: object) => ({ variants: { text: { ...text, ...change } } });
const withParams = (params: object) => withText({ params: { ...text.params, ...params } });
const tokensOf = (params: object) => ({ framesPerSecond: 24, sizes: [{ params, width: 640, height: 360 }] });
const withRule = (params: object) => ({ price: { ...GOOD_ENTRY.price, when: [{ params, micro: 1 }] } });

const faultsOf = (change: object) =>
  (catalogueModel.safeParse({ ...GOOD_ENTRY, ...change }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join(".")}: ${message}`,
  );

test("checkModel: a valid entry has no fault", () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ variants: { image: { ...text, imageField: "image_url" } } })).toEqual([]);
});

test.each([
  { change: { variants: {} }, says: "variants: needs text, image, first_last, reference or video" },
  { change: { variants: { image: text } }, says: "variants.image.imageField: is required" },
  { change: { durationsSeconds: [] }, says: "durationsSeconds: is required for a price per second or by tokens" },
  {
    change: { durationsSeconds: [] },
    says: "variants.text.duration: must be set if durationsSeconds has values, and left out otherwise",
  },
  { change: { durationsSeconds: [2.5] }, says: /^durationsSeconds\.0: / },
  { change: { mediaType: "image" }, says: "price.unit: must be image or megapixel for images" },
  {
    change: { price: { unit: "image", micro: 1 } },
    says: "price.unit: must be second, video or thousand_tokens for videos",
  },
  { change: { mediaType: "image" }, says: "durationsSeconds: is only for videos" },
  { change: { durationsSeconds: [2, 3, 2] }, says: "durationsSeconds: has a duration twice" },
  { change: withText({ promptField: "" }), says: /^variants\.text\.promptField: / },
  // price rules
  { change: withRule({ loud: true }), says: "price.when.0.params.loud: is not a param of this model" },
  { change: withRule({ sound: "true" }), says: "price.when.0.params.sound: cannot have the value true" },
  { change: withRule({ aspect_ratio: "1:1" }), says: "price.when.0.params.aspect_ratio: cannot have the value 1:1" },
  {
    change: withRule({ aspect_ratio: ["16:9", "4:3"] }),
    says: "price.when.0.params.aspect_ratio: cannot have the value 4:3",
  },
  { change: withRule({ aspect_ratio: [] }), says: /^price\.when\.0\.params\.aspect_ratio: / },
  // tokens
  {
    change: { price: { unit: "thousand_tokens", micro: 1 } },
    says: "price.tokens: is required for the unit thousand_tokens",
  },
  {
    change: { price: { ...GOOD_ENTRY.price, tokens: tokensOf({}) } },
    says: "price.tokens: is only for the unit thousand_tokens",
  },
  {
    change: { price: { unit: "thousand_tokens", micro: 1, tokens: tokensOf({ aspect_ratio: "1:1" }) } },
    says: "price.tokens.sizes.0.params.aspect_ratio: cannot have the value 1:1",
  },
  // params
  {
    change: withParams({ webhook_url: { type: "string" } }),
    says: "variants.text.params.webhook_url: is the name of a generic field",
  },
  {
    change: withParams({ style: { type: "string", values: ["a", "a"] } }),
    says: "variants.text.params.style: has a value twice",
  },
  {
    change: withParams({ style: { type: "string", maxLength: 2, default: "long" } }),
    says: "variants.text.params.style: has a default longer than its maxLength",
  },
  {
    change: withParams({ style: { type: "string", alwaysSent: true } }),
    says: "variants.text.params.style: is always sent, so it needs a default",
  },
  {
    change: withParams({ style: { type: "string", values: ["a"], default: "b" } }),
    says: "variants.text.params.style: has a default that is not one of its values",
  },
  {
    change: withParams({ style: { type: "string", values: ["a", "b"], map: { a: "A" } } }),
    says: "variants.text.params.style: has no spelling for b",
  },
  {
    change: withParams({ style: { type: "string", values: ["a"], map: { a: "A", c: "C" } } }),
    says: "variants.text.params.style: has a spelling for c, which is not one of its values",
  },
  {
    change: withParams({ style: { type: "string", map: { a: "A" } } }),
    says: "variants.text.params.style: has a map, so it needs values",
  },
  {
    change: withParams({ steps: { type: "integer", min: 1, max: 4, default: 5 } }),
    says: "variants.text.params.steps: has a default outside its bounds",
  },
  {
    change: withParams({ steps: { type: "integer", default: 1.5 } }),
    says: "variants.text.params.steps: has a default that is not a whole number",
  },
  {
    change: withParams({ steps: { type: "number", min: 2, max: 1 } }),
    says: "variants.text.params.steps: has a min above its max",
  },
  {
    change: withParams({ size: { type: "size", values: ["s"], maxPixels: 9, default: "l" } }),
    says: "variants.text.params.size: has a default that is not one of its values",
  },
  // two parts, one field
  {
    change: withParams({ prompt: { type: "string" } }),
    says: "variants.text.params.prompt: writes prompt, which another part of the entry writes too",
  },
  {
    change: withParams({ length: { type: "integer", field: "duration" } }),
    says: "variants.text.params.length: writes duration, which another part of the entry writes too",
  },
  {
    change: withText({ fixed: { sound: true } }),
    says: "variants.text.params.sound: writes sound, which another part of the entry writes too",
  },
  {
    change: withText({ fixed: { prompt: "x" } }),
    says: "variants.text: has two parts that write the same field",
  },
  {
    change: withParams({ audio: { type: "boolean", field: "sound", default: true } }),
    says: "variants.text.params.audio.default: is a second default for sound",
  },
  // sizes
  {
    change: withText({ size: { as: "fields", width: "w", height: "h", min: 9, max: 8 } }),
    says: "variants.text.size.min: must not be above max",
  },
  {
    change: withText({
      size: {
        as: "listed",
        field: "size",
        sizes: [
          { value: "a", width: 1, height: 1 },
          { value: "b", width: 1, height: 1 },
        ],
      },
    }),
    says: "variants.text.size.sizes.1: has 1x1 twice",
  },
])("checkModel: $says", ({ change, says }) => {
  expect(faultsOf(change)).toContainEqual(typeof says === "string" ? says : expect.stringMatching(says));
});

test("checkModel: two params may have the same field if one of them has the default", () => {
  expect(faultsOf(withParams({ audio: { type: "boolean", field: "sound" } }))).toEqual([]);
});
