import { describe, expect, test } from "vitest";
import {
  bodyFor,
  faultFor,
  GOOD_ENTRY,
  model,
  planFor,
  type RequestFields,
} from "../../../../tests/support/catalogue.js";
import type { InputRole } from "../request/record.js";
import { providerBody } from "./body.js";
import { takenInputs, variantFor } from "./inputs.js";
import { catalogueModel } from "./schema.js";

const VEO = "fal-ai/veo3.1";

describe("the endpoint of a call", () => {
  test.each<{ image?: boolean; media?: InputRole[]; endpoint: string }>([
    { endpoint: VEO },
    { image: true, endpoint: `${VEO}/image-to-video` },
    { image: true, media: ["last"], endpoint: `${VEO}/first-last-frame-to-video` },
    { media: ["reference", "reference"], endpoint: `${VEO}/reference-to-video` },
    { media: ["video"], endpoint: `${VEO}/extend-video` },
  ])("$image $media: $endpoint", ({ endpoint, ...fields }) => {
    expect(planFor(VEO, fields).endpoint).toBe(endpoint);
  });

  test("a param that is the last frame takes the image of that role too", () => {
    const kling = model("fal-ai/kling-video/v2.5-turbo/pro/image-to-video");
    const variant = variantFor(kling, ["first", "last"]);
    expect(variant?.inputs.last?.field).toBe("tail_image_url");
    expect(
      bodyFor(kling.id, { image: true, params: { tail_image_url: "https://a.example/b.jpg" } }).body,
    ).toMatchObject({
      tail_image_url: "https://a.example/b.jpg",
    });
  });

  test("a variant may make other lengths than its model", () => {
    expect(planFor(VEO, { media: ["video"], duration_seconds: 5 }).input.durationSeconds).toBe(7);
    expect(planFor(VEO, { media: ["reference"], duration_seconds: 4 }).input.durationSeconds).toBe(8);
    expect(faultFor(VEO, { media: ["video"], duration_seconds: 8 }).details).toEqual({
      field: "duration_seconds",
      allowed: [7],
    });
  });
});

/** In planFor, the field of an input is its role. */
const REFUSED: (RequestFields & { id: string; message: string; details: object })[] = [
  {
    id: "fal-ai/veo3",
    media: ["video"],
    message: "video: fal-ai/veo3 takes no video; leave video out. It takes image_url.",
    details: { field: "video", allowed: ["image_url"] },
  },
  {
    id: "fal-ai/flux/schnell",
    media: ["reference"],
    message: "reference: fal-ai/flux/schnell takes no reference image; leave reference out.",
    details: { field: "reference", allowed: "none" },
  },
  {
    id: VEO,
    media: ["last"],
    message: `${VEO} needs an image: set image_url to an https URL or a data: URI.`,
    details: { field: "image_url", allowed: "required" },
  },
  {
    id: "runway/act_two",
    prompt: "",
    media: ["video"],
    message: "runway/act_two needs an image: set image_url to an https URL or a data: URI.",
    details: { field: "image_url", allowed: "required" },
  },
  {
    id: "runway/aleph2",
    message: "runway/aleph2 needs a video: set video_url to an https URL or a data: URI.",
    details: { field: "video_url", allowed: "required" },
  },
  {
    id: VEO,
    media: ["reference", "reference", "reference", "reference"],
    message: `reference: ${VEO} takes at most 3 of them.`,
    details: { field: "reference", allowed: { maximum: 3 } },
  },
  {
    id: "runway/magnific_video_upscaler_creative",
    media: ["video"],
    message: "prompt: runway/magnific_video_upscaler_creative takes no prompt; leave it out.",
    details: { field: "prompt", allowed: "none" },
  },
  {
    id: "fal-ai/veo3",
    prompt: "",
    message: "prompt is required: must be a string.",
    details: { field: "prompt", allowed: "string" },
  },
];

describe("a call that the model does not take", () => {
  test.each(REFUSED)("$id: $message", ({ id, message, details, ...fields }) => {
    const fault = faultFor(id, fields);
    expect([fault.code, fault.message, fault.details]).toEqual(["VALIDATION_ERROR", message, details]);
  });

  test("inputs that it takes only apart: all combinations are named", () => {
    const { message, details } = faultFor(VEO, { image: true, media: ["reference"] });
    expect(message).toMatch(/^reference: fal-ai\/veo3\.1 does not take these inputs together; it takes video_url, or /);
    expect(details["allowed"]).toEqual([
      "video_url",
      'image_urls with role "reference"',
      'image_url and image_urls with role "last"',
      "image_url",
      "no input",
    ]);
  });

  test("the same input as a role and as a param is refused", () => {
    const id = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
    const params = { tail_image_url: "https://a.example/b.jpg" };
    expect(faultFor(id, { image: true, media: ["last"], params }).message).toBe(
      "last and params.tail_image_url say the same; give one of them.",
    );
  });
});

describe("the provider's body", () => {
  const variant = (media: InputRole[], id: string) => {
    const found = variantFor(model(id), media);
    if (found === undefined) throw new Error("no such variant");
    return found;
  };
  const input = { prompt: "p", durationSeconds: null, size: null, count: null, params: {} };

  test("has the first and the last frame of one list in this order, whatever the caller's is", () => {
    const frames = variant(["first", "last"], "runway/veo3.1");
    const media = [
      { role: "last" as const, url: "https://a.example/2" },
      { role: "first" as const, url: "https://a.example/1" },
    ];
    expect(providerBody(frames, input, media)["promptImage"]).toEqual([
      { uri: "https://a.example/1", position: "first" },
      { uri: "https://a.example/2", position: "last" },
    ]);
  });

  test("has no prompt when the model takes none, or the call has none", () => {
    const upscaler = variant(["video"], "runway/magnific_video_upscaler_creative");
    expect(providerBody(upscaler, { ...input, prompt: "" }, [])).toEqual({ model: "magnific_video_upscaler_creative" });
    expect(providerBody(variant(["video"], "runway/aleph2"), { ...input, prompt: "" }, [])).toEqual({
      model: "aleph2",
    });
  });
});

test("takenInputs: by role, whether every call needs it, and how many", () => {
  expect(takenInputs(model("runway/act_two"))).toEqual([
    { role: "first", required: true, max: 1 },
    { role: "video", required: true, max: 1 },
  ]);
  expect(takenInputs(model(VEO)).map(({ role, required, max }) => [role, required, max])).toEqual([
    ["first", false, 1],
    ["last", false, 1],
    ["reference", false, 3],
    ["video", false, 1],
  ]);
});

describe("an entry", () => {
  const { text } = GOOD_ENTRY.variants;
  const faultsOf = (variants: object) =>
    catalogueModel
      .safeParse({ ...GOOD_ENTRY, variants })
      .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

  test.each([
    { variants: { video: text }, says: "variants.video.inputs.video: is required" },
    {
      variants: { first_last: { ...text, inputs: { first: { field: "a" } } } },
      says: "variants.first_last.inputs.last: is required",
    },
    {
      variants: { image: { ...text, imageField: "a", inputs: { first: { field: "b" } } } },
      says: "variants.image.imageField: is the same as inputs.first",
    },
    {
      variants: { reference: { ...text, inputs: { reference: { field: "a", max: 2 } } } },
      says: "variants.reference.inputs.reference.max: needs as: list for more than one",
    },
    {
      variants: { first_last: { ...text, inputs: { first: { field: "a" }, last: { field: "a" } } } },
      says: "variants.first_last: has two parts that write the same field",
    },
  ])("$says", ({ variants, says }) => {
    expect(faultsOf(variants)).toContain(says);
  });

  test("may write two inputs to one list", () => {
    const list = { field: "a", as: "list" };
    expect(faultsOf({ first_last: { ...text, inputs: { first: list, last: list } } })).toBeUndefined();
  });
});
