import { loadModels } from "@visgate/providers";
import { variantOf } from "@visgate/shared/catalogue";
import { describe, expect, test } from "vitest";
import { sizeOfRequest, sizeToParams } from "./size.js";

const models = loadModels();
function variant(id: string, hasImage = false) {
  const model = models.get(id);
  const found = model && variantOf(model, hasImage);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

describe("a size becomes the params of the model, and is shown as what the model makes", () => {
  test.each([
    ["fal-ai/veo3.1", "1280x720", { aspect_ratio: "16:9", resolution: "720p" }, "1280x720"],
    ["fal-ai/veo3.1", "720x1280", { aspect_ratio: "9:16", resolution: "720p" }, "720x1280"],
    ["fal-ai/veo3.1", "1024x1792", { aspect_ratio: "9:16", resolution: "1080p" }, "1080x1920"],
    ["fal-ai/veo3.1", "3840x2160", { aspect_ratio: "16:9", resolution: "1080p" }, "1920x1080"],
    ["fal-ai/kling-video/v3/pro/text-to-video", "1080x1080", { aspect_ratio: "1:1" }, "auto"],
    ["runway/gen4.5", "1792x1024", { aspect_ratio: "16:9" }, "1280x720"],
    ["runway/veo3.1", "1920x1080", { ratio: "1920:1080" }, "1920x1080"],
  ])("%s: %s", (id, size, params, shown) => {
    expect(sizeToParams(variant(id), size, {})).toEqual(params);
    expect(sizeOfRequest(variant(id), params)).toBe(shown);
  });

  test("with an image, the shape may be that of the image", () => {
    const veo = variant("fal-ai/veo3.1", true);
    expect(sizeOfRequest(veo, {})).toBe("auto");
    expect(sizeToParams(veo, "720x1280", {})).toEqual({ aspect_ratio: "9:16", resolution: "720p" });
  });

  test("without a size, the defaults of the model", () => {
    expect(sizeOfRequest(variant("fal-ai/veo3.1"), {})).toBe("1280x720");
    expect(sizeOfRequest(variant("fal-ai/veo3.1"), { resolution: "1080p" })).toBe("1920x1080");
    expect(sizeOfRequest(variant("runway/veo3.1"), { ratio: "1080:1920" })).toBe("1080x1920");
  });
});

describe("a size that does not fit", () => {
  test.each([
    ["fal-ai/veo3.1", "1000x1000", /one of 1280x720, 1920x1080, 720x1280, 1080x1920 for this model/],
    ["fal-ai/kling-video/v3/pro/text-to-video", "2100x900", /one of 16:9, 9:16, 1:1 for this model/],
    ["fal-ai/veo3.1", "16:9", /as 1280x720/],
    ["fal-ai/veo3.1", "1280x", /as 1280x720/],
  ])("%s: %s", (id, size, message) => {
    expect(() => sizeToParams(variant(id), size, {})).toThrow(message);
  });

  test("a model without such params", () => {
    const kling = variant("fal-ai/kling-video/v3/pro/image-to-video", true);
    expect(() => sizeToParams(kling, "1280x720", {})).toThrow(/takes no size/);
  });

  test("a size and a resolution", () => {
    expect(() => sizeToParams(variant("fal-ai/veo3.1"), "1280x720", { resolution: "720p" })).toThrow(
      "Give either size or resolution, not both.",
    );
  });
});

test("a model that takes any size gets it as it is", () => {
  const any = variant("openai-videos/wan-2.2");
  expect(sizeToParams(any, "832x480", {})).toEqual({ size: "832x480" });
  expect(sizeOfRequest(any, { size: "832x480" })).toBe("832x480");
  expect(sizeOfRequest(any, {})).toBe("1280x720");
});
