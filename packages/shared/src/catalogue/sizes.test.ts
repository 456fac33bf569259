import { describe, expect, test } from "vitest";
import { faultFor, planFor } from "../../../../tests/support/catalogue.js";

const FAL = "fal-ai/flux/schnell";
const REPLICATE = "replicate/black-forest-labs/flux-schnell";
const PRO = "replicate/black-forest-labs/flux-1.1-pro";
const RUNWAY = "runway/gen4_image";

const sizeOf = (text: string) => {
  const [width = 0, height = 0] = text.split("x").map(Number);
  return { width, height };
};

test.each([
  // any size
  { id: FAL, asked: "1024x1024", made: "1024x1024" },
  { id: FAL, asked: "64x4096", made: "64x4096" },
  { id: FAL, asked: "2048x2048", made: "2048x2048" },
  { id: PRO, asked: "256x1440", made: "256x1440" },
  { id: PRO, asked: "1280x720", made: "1280x720" },
  // one of the model's own: the same shape, and of those the nearest
  { id: REPLICATE, asked: "512x512", made: "1024x1024" },
  { id: REPLICATE, asked: "1920x1080", made: "1344x768" },
  { id: REPLICATE, asked: "1080x1920", made: "768x1344" },
  { id: REPLICATE, asked: "1024x768", made: "1152x896" },
  { id: REPLICATE, asked: "768x1024", made: "896x1152" },
  { id: REPLICATE, asked: "800x1000", made: "896x1088" },
  { id: REPLICATE, asked: "1200x800", made: "1216x832" },
  { id: REPLICATE, asked: "2520x1080", made: "1536x640" },
  // its very sizes, though rounding has moved them toward another shape
  { id: REPLICATE, asked: "896x1152", made: "896x1152" },
  { id: REPLICATE, asked: "896x1088", made: "896x1088" },
  { id: RUNWAY, asked: "1024x1024", made: "1024x1024" },
  { id: RUNWAY, asked: "512x512", made: "720x720" },
  { id: RUNWAY, asked: "1000x1024", made: "1024x1024" },
  { id: RUNWAY, asked: "640x360", made: "1280x720" },
  { id: RUNWAY, asked: "3840x2160", made: "1920x1080" },
  { id: RUNWAY, asked: "768x1024", made: "720x960" },
  { id: RUNWAY, asked: "1680x720", made: "1680x720" },
])("$id: $asked is $made", ({ id, asked, made }) => {
  expect(planFor(id, sizeOf(asked)).input.size).toEqual(sizeOf(made));
});

describe("a size that cannot be made is refused", () => {
  test.each([
    { id: FAL, asked: "63x1024", field: "width", allowed: { minimum: 64, maximum_pixels: 4_194_304 } },
    { id: FAL, asked: "4096x1025", field: "width", allowed: { minimum: 64, maximum_pixels: 4_194_304 } },
    { id: PRO, asked: "255x1024", field: "width", allowed: { minimum: 256, maximum: 1440, multiple_of: 1 } },
    { id: PRO, asked: "1024x1441", field: "height", allowed: { minimum: 256, maximum: 1440, multiple_of: 1 } },
  ])("$id: $asked", ({ id, asked, field, allowed }) => {
    const { code, message, details } = faultFor(id, sizeOf(asked));
    expect([code, details]).toEqual(["VALIDATION_ERROR", { field, allowed }]);
    expect(message).toMatch(/ must be .+\.$/);
  });

  test.each([REPLICATE, RUNWAY])("%s: a shape it does not have, with those it has", (id) => {
    const { code, details } = faultFor(id, { width: 3000, height: 1000 });
    expect([code, details["field"]]).toEqual(["VALIDATION_ERROR", "width"]);
    expect(details["allowed"]).toContain("1024x1024");
  });
});

describe("a size in the provider's own words", () => {
  test.each([
    { id: FAL, params: { image_size: "square" } },
    { id: REPLICATE, params: { aspect_ratio: "4:5" } },
    { id: PRO, params: { aspect_ratio: "4:5" } },
    { id: RUNWAY, params: { ratio: "1080:1080" } },
    { id: RUNWAY, params: { aspect_ratio: "3:4" } },
  ])("$id: $params takes the place of our default, and not of a size that was given", ({ id, params }) => {
    expect(planFor(id, { params }).input.size).toBeNull();
    const [name] = Object.keys(params);
    const { code, message, details } = faultFor(id, { params, width: 1024, height: 1024 });
    expect([code, details["field"]]).toEqual(["VALIDATION_ERROR", "width"]);
    expect(message).toContain(`either width and height or ${name}`);
  });
});
