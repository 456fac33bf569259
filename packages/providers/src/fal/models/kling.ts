import { type CatalogueEntry, flag, freeText, oneOf, type Params, seconds, withAudio } from "@visgate/shared/catalogue";
import { asString, fromImage, fromText, IMAGE_TO_VIDEO, llms, SDK, source, VIDEO } from "./shared.js";

const params: Params = {
  negative_prompt: { ...freeText, default: "blur, distort, and low quality" },
  cfg_scale: { type: "number", min: 0, max: 1, default: 0.5 },
};
const textParams: Params = { aspect_ratio: oneOf(["16:9", "9:16", "1:1"], "16:9"), ...params };

const kling25 = { addedAt: "2025-09-23", durationsSeconds: [5, 10], usualSeconds: 120, tags: ["silent"] };
const source25 = (id: string) => ({ inputs: SDK, price: llms(id), seenAt: "2026-11-29" });
const TURBO_TEXT = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
const TURBO_IMAGE = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
const TURBO_STANDARD = "fal-ai/kling-video/v2.5-turbo/standard/image-to-video";

const kling3 = { addedAt: "2026-02-05", durationsSeconds: seconds(3, 15), usualSeconds: 180, tags: ["audio"] };
const text3: Params = { ...textParams, generate_audio: flag(true) };
const image3: Params = { ...params, generate_audio: flag(true), end_image_url: { type: "image_url" } };
const pro3 = { price: { unit: "second", micro: 112_000, when: withAudio(168_000) } } satisfies Partial<CatalogueEntry>;
const standard3 = {
  price: { unit: "second", micro: 84_000, when: withAudio(126_000) },
  usualSeconds: 120,
} satisfies Partial<CatalogueEntry>;
const PRO_PAGE = "https://fal.ai/models/fal-ai/kling-video/v3/pro/image-to-video/playground";
const STANDARD_PAGE = llms("fal-ai/kling-video/v3/standard/text-to-video");
const O3_IMAGE = "fal-ai/kling-video/o3/standard/image-to-video";

const MOTION_CONTROL = "fal-ai/kling-video/v3/pro/motion-control";

export const klingModels: CatalogueEntry[] = [
  {
    ...VIDEO,
    ...kling25,
    ...fromText(TURBO_TEXT, asString, textParams),
    name: "Kling 2.5 Turbo Pro Text to Video",
    description: "Kuaishou's Kling 2.5 Turbo Pro from a prompt.",
    price: { unit: "second", micro: 70_000 },
    source: source25(TURBO_TEXT),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling25,
    ...fromImage(TURBO_IMAGE, "image_url", asString, { ...params, tail_image_url: { type: "image_url" } }),
    name: "Kling 2.5 Turbo Pro Image to Video",
    description: "Kuaishou's Kling 2.5 Turbo Pro that starts from a given image, and may end with another.",
    featured: true,
    price: { unit: "second", micro: 70_000 },
    source: source25(TURBO_IMAGE),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling25,
    ...fromImage(TURBO_STANDARD, "image_url", asString, params),
    name: "Kling 2.5 Turbo Standard Image to Video",
    description: "Kuaishou's Kling 2.5 Turbo at lower cost; starts from a given image.",
    price: { unit: "second", micro: 42_000 },
    source: source25(TURBO_STANDARD),
  },
  {
    ...VIDEO,
    ...kling3,
    ...pro3,
    ...fromText("fal-ai/kling-video/v3/pro/text-to-video", asString, text3),
    name: "Kling 3.0 Pro Text to Video",
    description: "Kuaishou's Kling 3.0 Pro from a prompt, up to 15 seconds, with native audio.",
    source: source(SDK, PRO_PAGE),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling3,
    ...pro3,
    ...fromImage("fal-ai/kling-video/v3/pro/image-to-video", "start_image_url", asString, image3),
    name: "Kling 3.0 Pro Image to Video",
    description:
      "Kuaishou's Kling 3.0 Pro that starts from a given image, and may end with another; with native audio.",
    source: source(SDK, PRO_PAGE),
  },
  {
    ...VIDEO,
    ...kling3,
    ...standard3,
    ...fromText("fal-ai/kling-video/v3/standard/text-to-video", asString, text3),
    name: "Kling 3.0 Standard Text to Video",
    description: "Kuaishou's Kling 3.0 at lower cost, from a prompt, up to 15 seconds, with native audio.",
    source: source(SDK, STANDARD_PAGE),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling3,
    ...standard3,
    ...fromImage("fal-ai/kling-video/v3/standard/image-to-video", "start_image_url", asString, image3),
    name: "Kling 3.0 Standard Image to Video",
    description:
      "Kuaishou's Kling 3.0 at lower cost; starts from a given image, and may end with another; with native audio.",
    source: source(
      "https://fal.ai/docs/model-api-reference/video-generation-api/kling-video-v3-standard",
      `${STANDARD_PAGE} (text to video, which costs the same)`,
    ),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...kling3,
    ...fromImage(O3_IMAGE, "image_url", asString, {
      // Always sent, because the default is not documented and sound costs more.
      generate_audio: { type: "boolean", default: true, alwaysSent: true },
      end_image_url: { type: "image_url" },
    }),
    name: "Kling O3 Standard Image to Video",
    description: "Kuaishou's Kling O3 that starts from a given image, and may end with another; with native audio.",
    price: { unit: "second", micro: 84_000, when: withAudio(112_000) },
    usualSeconds: 100,
    source: source(SDK, `https://fal.ai/models/${O3_IMAGE}`),
  },
  {
    ...VIDEO,
    category: "video to video",
    id: MOTION_CONTROL,
    name: "Kling 3.0 Pro Motion Control",
    description: "Kuaishou's Kling 3.0 Pro that moves the character of an image as a person in a video moves.",
    addedAt: "2026-11-30",
    variants: {
      video: {
        endpoint: MOTION_CONTROL,
        promptOptional: true,
        inputs: { first: { field: "image_url", required: true }, video: { field: "video_url" } },
        params: {
          // Always sent, because fal has no default. "video" allows videos of up to 30 s, "image" of up to 10 s.
          character_orientation: { ...oneOf(["video", "image"], "video"), alwaysSent: true },
          keep_original_sound: flag(true),
        },
      },
    },
    price: { unit: "second", micro: null },
    usualSeconds: 240,
    source: source(SDK, "not known: third parties disagree, and we have not seen fal's own page"),
  },
];
