import { describe, expect, test } from "vitest";
import { faultFor, planFor } from "../../../../tests/support/catalogue.js";
import { mapDuration } from "./sizes.js";

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
  // a listed size of the same shape, the nearest in pixels
  { id: REPLICATE, asked: "512x512", made: "1024x1024" },
  { id: REPLICATE, asked: "1920x1080", made: "1344x768" },
  { id: REPLICATE, asked: "1080x1920", made: "768x1344" },
  { id: REPLICATE, asked: "1024x768", made: "1152x896" },
  { id: REPLICATE, asked: "768x1024", made: "896x1152" },
  { id: REPLICATE, asked: "800x1000", made: "896x1088" },
  { id: REPLICATE, asked: "1200x800", made: "1216x832" },
  { id: REPLICATE, asked: "2520x1080", made: "1536x640" },
  // a listed size itself, although rounding brought it closer to another shape
  { id: REPLICATE, asked: "896x1152", made: "896x1152" },
  { id: REPLICATE, asked: "896x1088", made: "896x1088" },
  { id: RUNWAY, asked: "1024x1024", made: "1024x1024" },
  { id: RUNWAY, asked: "512x512", made: "720x720" },
  { id: RUNWAY, asked: "1000x1024", made: "1024x1024" },
  { id: RUNWAY, asked: "640x360", made: "1280x720" },
  { id: RUNWAY, asked: "3840x2160", made: "1920x1080" },
  { id: RUNWAY, asked: "768x1024", made: "720x960" },
  { id: RUNWAY, asked: "1680x720", made: "1680x720" },
])("resolveSize: $id makes $made for $asked", ({ id, asked, made }) => {
  expect(planFor(id, sizeOf(asked)).input.size).toEqual(sizeOf(made));
});

describe("resolveSize refuses a size that the model cannot make", () => {
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

  test.each([REPLICATE, RUNWAY])("%s: another shape than the listed ones", (id) => {
    const { code, details } = faultFor(id, { width: 3000, height: 1000 });
    expect([code, details["field"]]).toEqual(["VALIDATION_ERROR", "width"]);
    expect(details["allowed"]).toContain("1024x1024");
  });
});

describe("a model param for the size", () => {
  test.each([
    { id: FAL, params: { image_size: "square" } },
    { id: REPLICATE, params: { aspect_ratio: "4:5" } },
    { id: PRO, params: { aspect_ratio: "4:5" } },
    { id: RUNWAY, params: { ratio: "1080:1080" } },
    { id: RUNWAY, params: { aspect_ratio: "3:4" } },
  ])("$id: $params replaces the default size, and is refused together with width and height", ({ id, params }) => {
    expect(planFor(id, { params }).input.size).toBeNull();
    const [name] = Object.keys(params);
    const { code, message, details } = faultFor(id, { params, width: 1024, height: 1024 });
    expect([code, details["field"]]).toEqual(["VALIDATION_ERROR", "width"]);
    expect(message).toContain(`either width and height or ${name}`);
  });
});

describe("mapDuration", () => {
  const veo = [4, 6, 8];
  const kling = [5, 10];
  const gen4 = [2, 3, 4, 5, 6, 7, 8, 9, 10];

  test.each([
    { model: "veo", asked: 5, allowed: veo, gets: 6 },
    { model: "kling", asked: 5, allowed: kling, gets: 5 },
    { model: "gen4.5", asked: 5, allowed: gen4, gets: 5 },
    { model: "gen4.5", asked: 5.5, allowed: gen4, gets: 6 },
    // limits
    { model: "veo", asked: 0.1, allowed: veo, gets: 4 },
    { model: "veo", asked: 4, allowed: veo, gets: 4 },
    { model: "veo", asked: 4.005, allowed: veo, gets: 4 },
    { model: "veo", asked: 4.02, allowed: veo, gets: 6 },
    { model: "veo", asked: 8.01, allowed: veo, gets: 8 },
    { model: "veo", asked: 8.02, allowed: veo, gets: null },
    { model: "veo", asked: 9, allowed: veo, gets: null },
    { model: "kling", asked: 5.5, allowed: kling, gets: 10 },
    { model: "unsorted", asked: 5, allowed: [10, 5, 8], gets: 5 },
    { model: "none", asked: 5, allowed: [], gets: null },
  ])("$model: $asked s becomes $gets s", ({ asked, allowed, gets }) => {
    expect(mapDuration(asked, allowed)).toBe(gets);
  });
});
