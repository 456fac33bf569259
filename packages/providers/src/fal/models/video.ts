/** Hailuo, Seedance, LTX and PixVerse. */
import {
  type CatalogueEntry,
  flag,
  freeText,
  oneOf,
  type Params,
  type PriceRule,
  seconds,
  seed,
  withAudio,
} from "@visgate/shared/catalogue";
import { asInteger, asString, fromImage, fromText, IMAGE_TO_VIDEO, llms, SDK, source, VIDEO } from "./shared.js";

const lastImage: Params = { end_image_url: { type: "image_url" } };

// MiniMax Hailuo makes six seconds, and has no other length in its Pro tier.
const hailuo = { addedAt: "2025-10-28", tags: ["silent"], usualSeconds: 240 };
const hailuoParams: Params = { prompt_optimizer: flag(true) };
const HAILUO_TEXT = "fal-ai/minimax/hailuo-2.3/pro/text-to-video";
const HAILUO_IMAGE = "fal-ai/minimax/hailuo-2.3/pro/image-to-video";
const HAILUO_FAST = "fal-ai/minimax/hailuo-2.3-fast/pro/image-to-video";

/** The videos of Seedance 1.5 Pro and 2.0 in pixels, and where ByteDance says so. The last shape is that of all others. */
const SEEDANCE_SIZES = {
  "480p": { "4:3": [752, 560], "3:4": [560, 752], "1:1": [640, 640], "21:9": [992, 432], others: [864, 496] },
  "720p": { "4:3": [1112, 834], "3:4": [834, 1112], "1:1": [960, 960], "21:9": [1470, 630], others: [1280, 720] },
  "1080p": { "4:3": [1664, 1248], "3:4": [1248, 1664], "1:1": [1440, 1440], "21:9": [2206, 946], others: [1920, 1080] },
} as const;
const SEEDANCE_SIZES_SOURCE = "sizes: https://docs.byteplus.com/en/docs/ModelArk/1520757";

/** A price per thousand tokens. `hasShape`: whether a call chooses the aspect ratio; otherwise the image decides it. */
function byTokens(
  micro: number,
  {
    hasShape,
    resolutions,
    when = [],
  }: { hasShape: boolean; resolutions: (keyof typeof SEEDANCE_SIZES)[]; when?: PriceRule[] },
): CatalogueEntry["price"] {
  const sizes = resolutions.flatMap((resolution) =>
    Object.entries(SEEDANCE_SIZES[resolution]).flatMap(([shape, [width, height]]) => {
      if (shape === "others") return [{ params: { resolution }, width, height }];
      return hasShape ? [{ params: { resolution, aspect_ratio: shape }, width, height }] : [];
    }),
  );
  return { unit: "thousand_tokens", micro, when, tokens: { framesPerSecond: 24, sizes } };
}

const seedance15 = {
  price: byTokens(1200, { hasShape: true, resolutions: ["480p", "720p", "1080p"], when: withAudio(2400) }),
  addedAt: "2026-11-30",
  durationsSeconds: seconds(4, 12),
  tags: ["audio"],
  usualSeconds: 90,
};
const seedance15Params: Params = {
  aspect_ratio: oneOf(["21:9", "16:9", "4:3", "1:1", "3:4", "9:16", "auto"], "16:9"),
  resolution: oneOf(["480p", "720p", "1080p"], "720p"),
  generate_audio: flag(true),
  camera_fixed: flag(false),
  seed,
};
const SEEDANCE_15_TEXT = "fal-ai/bytedance/seedance/v1.5/pro/text-to-video";
const SEEDANCE_15_IMAGE = "fal-ai/bytedance/seedance/v1.5/pro/image-to-video";
const seedance2 = {
  price: byTokens(14_000, { hasShape: true, resolutions: ["480p", "720p"] }),
  addedAt: "2026-11-30",
  durationsSeconds: seconds(4, 15),
  tags: ["audio", "flagship"],
  usualSeconds: 150,
};
const seedance2ImageParams: Params = {
  resolution: oneOf(["480p", "720p"], "720p"),
  generate_audio: flag(true),
  seed,
};
const seedance2Params: Params = {
  aspect_ratio: oneOf(["auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"], "auto"),
  ...seedance2ImageParams,
};
const SEEDANCE_2_FAST = "bytedance/seedance-2.0/fast/text-to-video";
const SEEDANCE_2_GUIDE =
  "https://videopromptkit.com/blog/seedance-2-0-overview-seedance-2-0-model-overview-with-practical-production-steps";
const SEEDANCE_2_PRICE = `https://fal.ai/models/fal-ai/seedance-2/text-to-video/playground, ${SEEDANCE_2_GUIDE}, ${SEEDANCE_SIZES_SOURCE}`;

const SEEDANCE_2_REFERENCE = "bytedance/seedance-2.0/reference-to-video";
/** fal takes up to three videos and three sounds; our calls have one of each. */
const seedanceInputs = {
  reference: { field: "image_urls", as: "list", max: 9 },
  audio: { field: "audio_urls", as: "list" },
} as const;
const seedanceReference = { endpoint: SEEDANCE_2_REFERENCE, duration: asString, params: seedance2Params };

const ltx = { addedAt: "2026-11-30", tags: ["audio"], usualSeconds: 60 };
const ltxParams = (aspectRatios: string[], standard: string): Params => ({
  aspect_ratio: oneOf(aspectRatios, standard),
  resolution: oneOf(["1080p", "1440p", "2160p"], "1080p"),
  generate_audio: flag(true),
});
/** 1440p costs twice as much as 1080p, and 2160p twice as much again. */
const ltxPrice = (micro: number): CatalogueEntry["price"] => ({
  unit: "second",
  micro,
  when: [
    { params: { resolution: "1440p" }, micro: 2 * micro },
    { params: { resolution: "2160p" }, micro: 4 * micro },
  ],
});
const LTX_TEXT = "fal-ai/ltx-2.3/text-to-video";
const LTX_FAST = "fal-ai/ltx-2.3/text-to-video/fast";
const LTX_IMAGE = "fal-ai/ltx-2.3/image-to-video";

const pixverse = { addedAt: "2026-11-30", durationsSeconds: seconds(1, 15), tags: ["audio"], usualSeconds: 60 };
const pixverseParams: Params = {
  resolution: oneOf(["360p", "540p", "720p", "1080p"], "720p"),
  // Always sent, because the default is not documented and sound costs more.
  generate_audio: { type: "boolean", field: "generate_audio_switch", default: true, alwaysSent: true },
  generate_audio_switch: { type: "boolean" },
  generate_multi_clip_switch: { type: "boolean" },
  negative_prompt: freeText,
  style: { type: "string", values: ["anime", "3d_animation", "clay", "comic", "cyberpunk"] },
  thinking_type: { type: "string", values: ["enabled", "disabled", "auto"] },
  seed,
};
const pixverseRule = (resolution: string, audio: boolean, micro: number): PriceRule => ({
  params: { resolution, generate_audio: audio },
  micro,
});
const pixversePrice: CatalogueEntry["price"] = {
  unit: "second",
  micro: 45_000,
  when: [
    pixverseRule("720p", true, 60_000),
    pixverseRule("360p", false, 25_000),
    pixverseRule("360p", true, 35_000),
    pixverseRule("540p", false, 35_000),
    pixverseRule("540p", true, 45_000),
    pixverseRule("1080p", false, 90_000),
    pixverseRule("1080p", true, 115_000),
  ],
};
const PIXVERSE_PRICE = "https://fal.ai/models/pixverse/v6/text-to-video";

export const videoModels: CatalogueEntry[] = [
  {
    ...VIDEO,
    ...hailuo,
    ...fromText(HAILUO_TEXT, null, hailuoParams),
    name: "Hailuo 2.3 Pro Text to Video",
    description: "MiniMax's Hailuo 2.3 Pro from a prompt, at 1080p.",
    price: { unit: "video", micro: 490_000 },
    source: source(llms(HAILUO_TEXT), llms(HAILUO_TEXT)),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...hailuo,
    ...fromImage(HAILUO_IMAGE, "image_url", null, hailuoParams),
    name: "Hailuo 2.3 Pro Image to Video",
    description: "MiniMax's Hailuo 2.3 Pro that starts from a given image, at 1080p.",
    price: { unit: "video", micro: 490_000 },
    source: source(llms(HAILUO_IMAGE), llms(HAILUO_IMAGE)),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...hailuo,
    ...fromImage(HAILUO_FAST, "image_url", null, hailuoParams),
    name: "Hailuo 2.3 Fast Pro Image to Video",
    description: "MiniMax's Hailuo 2.3 Fast Pro: lower cost and render time; starts from a given image, at 1080p.",
    tags: ["silent", "fast"],
    price: { unit: "video", micro: 330_000 },
    usualSeconds: 120,
    source: source(llms(HAILUO_FAST), llms(HAILUO_FAST)),
  },
  {
    ...VIDEO,
    ...seedance15,
    ...fromText(SEEDANCE_15_TEXT, asString, seedance15Params),
    name: "Seedance 1.5 Pro Text to Video",
    description: "ByteDance's Seedance 1.5 Pro from a prompt, with native audio.",
    source: source(llms(SEEDANCE_15_TEXT), `${llms(SEEDANCE_15_TEXT)}, ${SEEDANCE_SIZES_SOURCE}`),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...seedance15,
    ...fromImage(SEEDANCE_15_IMAGE, "image_url", asString, { ...seedance15Params, ...lastImage }),
    name: "Seedance 1.5 Pro Image to Video",
    description:
      "ByteDance's Seedance 1.5 Pro that starts from a given image, and may end with another; with native audio.",
    source: source(llms(SEEDANCE_15_IMAGE), `${llms(SEEDANCE_15_IMAGE)}, ${SEEDANCE_SIZES_SOURCE}`),
  },
  {
    ...VIDEO,
    ...seedance2,
    ...fromText("bytedance/seedance-2.0/text-to-video", asString, seedance2Params),
    name: "Seedance 2.0 Text to Video",
    description: "ByteDance's Seedance 2.0 from a prompt, up to 15 seconds, with native audio.",
    featured: true,
    source: source(SEEDANCE_2_GUIDE, SEEDANCE_2_PRICE),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...seedance2,
    price: byTokens(14_000, { hasShape: false, resolutions: ["480p", "720p"] }),
    ...fromImage("bytedance/seedance-2.0/image-to-video", "image_url", asString, {
      ...seedance2ImageParams,
      ...lastImage,
    }),
    name: "Seedance 2.0 Image to Video",
    description:
      "ByteDance's Seedance 2.0 that starts from a given image, and may end with another; with native audio.",
    source: source(SEEDANCE_2_GUIDE, SEEDANCE_2_PRICE),
  },
  {
    ...VIDEO,
    ...seedance2,
    ...fromText(SEEDANCE_2_FAST, asString, seedance2Params),
    name: "Seedance 2.0 Fast Text to Video",
    description: "ByteDance's Seedance 2.0 at lower cost and render time, from a prompt, with native audio.",
    tags: ["audio", "fast"],
    usualSeconds: 90,
    price: byTokens(11_200, { hasShape: true, resolutions: ["480p", "720p"] }),
    source: source(
      `https://fal.ai/models/${SEEDANCE_2_FAST}/playground`,
      `${llms(SEEDANCE_2_FAST)}, ${SEEDANCE_SIZES_SOURCE}`,
    ),
  },
  {
    ...VIDEO,
    ...seedance2,
    id: SEEDANCE_2_REFERENCE,
    name: "Seedance 2.0 Reference to Video",
    description:
      "ByteDance's Seedance 2.0 from reference images, a video and a sound, which the prompt names as @Image1, @Video1 and @Audio1; with native audio.",
    variants: {
      reference: { ...seedanceReference, inputs: seedanceInputs },
      video: { ...seedanceReference, inputs: { ...seedanceInputs, video: { field: "video_urls", as: "list" } } },
    },
    source: source(
      llms(SEEDANCE_2_REFERENCE),
      `${llms(SEEDANCE_2_REFERENCE)}; with a video its tokens count too, at 0.6 of the price; ${SEEDANCE_SIZES_SOURCE}`,
    ),
  },
  {
    ...VIDEO,
    ...ltx,
    ...fromText(LTX_TEXT, asInteger, ltxParams(["16:9", "9:16"], "16:9")),
    name: "LTX 2.3 Pro Text to Video",
    description: "Lightricks' LTX 2.3 Pro from a prompt, up to 4K, with native audio.",
    durationsSeconds: [6, 8, 10],
    price: ltxPrice(80_000),
    source: source(llms(LTX_TEXT), llms(LTX_TEXT)),
  },
  {
    ...VIDEO,
    ...ltx,
    // Without `resolution`: more than ten seconds are possible only at 1080p, which is the default.
    ...fromText(LTX_FAST, asInteger, { aspect_ratio: oneOf(["16:9", "9:16"], "16:9"), generate_audio: flag(true) }),
    name: "LTX 2.3 Fast Text to Video",
    description: "Lightricks' LTX 2.3 Fast from a prompt, up to 20 seconds at 1080p, with native audio.",
    tags: ["audio", "fast"],
    durationsSeconds: seconds(6, 20, 2),
    price: { unit: "second", micro: 40_000 },
    usualSeconds: 30,
    source: source(`${llms(LTX_FAST)}, ${SDK}`, llms(LTX_FAST)),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...ltx,
    ...fromImage(LTX_IMAGE, "image_url", asInteger, { ...ltxParams(["auto", "16:9", "9:16"], "auto"), ...lastImage }),
    name: "LTX 2.3 Pro Image to Video",
    description:
      "Lightricks' LTX 2.3 Pro that starts from a given image, and may end with another; up to 4K, with native audio.",
    durationsSeconds: [6, 8, 10],
    price: ltxPrice(60_000),
    source: source(`${llms(LTX_IMAGE)}, ${SDK}`, llms(LTX_IMAGE)),
  },
  {
    ...VIDEO,
    ...pixverse,
    ...fromText("fal-ai/pixverse/v6/text-to-video", asInteger, {
      aspect_ratio: oneOf(["16:9", "4:3", "1:1", "3:4", "9:16", "2:3", "3:2", "21:9"], "16:9"),
      ...pixverseParams,
    }),
    name: "PixVerse 6 Text to Video",
    description: "PixVerse 6 from a prompt, up to 15 seconds, with native audio.",
    price: pixversePrice,
    source: source(SDK, PIXVERSE_PRICE),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...pixverse,
    ...fromImage("fal-ai/pixverse/v6/image-to-video", "image_url", asInteger, pixverseParams),
    name: "PixVerse 6 Image to Video",
    description: "PixVerse 6 that starts from a given image, up to 15 seconds, with native audio.",
    price: pixversePrice,
    source: source(SDK, `${PIXVERSE_PRICE}, and ${llms("fal-ai/pixverse/v6/extend")}, which costs the same`),
  },
];
