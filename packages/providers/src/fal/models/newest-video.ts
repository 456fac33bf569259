/** Seedance 2.5, MiniMax H3 and Luma Ray 3.2. */
import {
  type CatalogueEntry,
  flag,
  oneOf,
  type Params,
  seconds,
  seed,
  type VariantEntry,
} from "@visgate/shared/catalogue";
import { asInteger, asString, fromImage, fromText, IMAGE_TO_VIDEO, llms, source, VIDEO } from "./shared.js";

const addedAt = "2026-11-30";
const lastImage: Params = { end_image_url: { type: "image_url" } };

/** What a second costs at a resolution, beside the one that is the default. */
const perSecond = (micro: number, others: Record<string, number>): CatalogueEntry["price"] => ({
  unit: "second",
  micro,
  when: Object.entries(others).map(([resolution, other]) => ({ params: { resolution }, micro: other })),
});

/** A model that takes references, and those with a video among them. `rest`: params only with a video. */
const fromReferences = (
  common: Omit<VariantEntry, "inputs">,
  inputs: NonNullable<VariantEntry["inputs"]>,
  videoField: string,
  rest: Params = {},
): CatalogueEntry["variants"] => ({
  reference: { ...common, inputs },
  video: {
    ...common,
    inputs: { ...inputs, video: { field: videoField, as: "list" } },
    params: { ...common.params, ...rest },
  },
});

/** fal bills tokens and names only examples per second, of which we found two that differ for 1080p. */
const BY_TOKENS = "not known: by tokens, at a price that we have not seen, ";
const seedance25 = {
  price: { unit: "second", micro: null },
  ...{ addedAt, durationsSeconds: seconds(4, 30), tags: ["audio", "flagship"], usualSeconds: 240 },
} satisfies Partial<CatalogueEntry>;
// Without a seed: only the endpoint with references takes one.
const seedance25ImageParams: Params = {
  resolution: oneOf(["480p", "720p", "1080p"], "720p"),
  generate_audio: flag(true),
  bitrate_mode: oneOf(["standard", "high"], "standard"),
  codec: oneOf(["auto", "H264", "H265"], "auto"),
};
const seedance25Params: Params = {
  aspect_ratio: oneOf(["auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"], "auto"),
  ...seedance25ImageParams,
};
const SEEDANCE_TEXT = "bytedance/seedance-2.5/text-to-video";
const SEEDANCE_IMAGE = "bytedance/seedance-2.5/image-to-video";
const SEEDANCE_REFERENCE = "bytedance/seedance-2.5/reference-to-video";
const OPENAPI = "fal's OpenAPI file of it, in github.com/cluely/unmodel, data/fal/openapi";

const h3 = { addedAt, durationsSeconds: seconds(5, 15), tags: ["audio"], usualSeconds: 150 };
const H3_SHAPES = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"];
const h3Params: Params = {
  resolution: oneOf(["480P", "768P", "2K", "4K"], "2K"),
  prompt_expansion_mode: oneOf(["fast", "balanced", "quality"], "balanced"),
  seed,
};
const h3Price = perSecond(130_000, { "480P": 50_000, "768P": 60_000, "4K": 160_000 });
const H3_TEXT = "minimax/h3/text-to-video";
const H3_IMAGE = "minimax/h3/image-to-video";
const H3_REFERENCE = "minimax/h3/reference-to-video";
/** fal takes up to three videos and three sounds, and twelve files in all; our calls have one of each. */
const h3Inputs = {
  reference: { field: "reference_image_urls", as: "list", max: 9 },
  audio: { field: "reference_audio_urls", as: "list" },
} as const;
const byOrder = "which the prompt names by their order as Image 1, Video 1 and Audio 1; with native audio";

const h3Max = { ...h3, usualSeconds: 30 };
const h3MaxParams: Params = {
  resolution: oneOf(["480P", "768P", "1080P"], "768P"),
  // fal requires it.
  prompt_expansion_mode: { ...oneOf(["disabled", "balanced", "quality"], "balanced"), alwaysSent: true },
  seed,
};
// fal has had lower rates for a limited time, the last of them until 2026-10-15.
const h3MaxPrice = perSecond(80_000, { "480P": 50_000, "1080P": 160_000 });
const H3_MAX_TEXT = "minimax/h3-max/text-to-video";
const H3_MAX_IMAGE = "minimax/h3-max/image-to-video";
const H3_MAX_REFERENCE = "minimax/h3-max/reference-to-video";
const H3_TURBO_IMAGE = "minimax/h3-max-turbo/image-to-video";

const ray = { addedAt, usualSeconds: 120 };
const inSeconds = { field: "duration", as: "seconds-suffix" } as const;
const rayResolution = oneOf(["540p", "720p", "1080p"], "540p");
// Without `hdr` and `exr_export`, which fal does not give to every account.
const rayParams: Params = {
  aspect_ratio: oneOf(["3:4", "4:3", "1:1", "9:16", "16:9", "21:9"], "16:9"),
  resolution: rayResolution,
  loop: flag(false),
};
const RAY_TEXT = "luma/agent/ray/v3.2/text-to-video";
const RAY_IMAGE = "luma/agent/ray/v3.2/image-to-video";
const RAY_VIDEO = "luma/agent/ray/v3.2/video-to-video";

export const newestVideoModels: CatalogueEntry[] = [
  {
    ...VIDEO,
    ...seedance25,
    ...fromText(SEEDANCE_TEXT, asString, seedance25Params),
    name: "Seedance 2.5 Text to Video",
    description: "ByteDance's Seedance 2.5 from a prompt, up to 30 seconds, with native audio.",
    source: source(`${llms(SEEDANCE_TEXT)}, and ${OPENAPI}`, BY_TOKENS + llms(SEEDANCE_TEXT)),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...seedance25,
    // The video has the shape of the image.
    ...fromImage(SEEDANCE_IMAGE, "image_url", asString, { ...seedance25ImageParams, ...lastImage }),
    name: "Seedance 2.5 Image to Video",
    description:
      "ByteDance's Seedance 2.5 that starts from a given image, and may end with another; up to 30 seconds, with native audio.",
    source: source(llms(SEEDANCE_IMAGE), BY_TOKENS + llms(SEEDANCE_IMAGE)),
  },
  {
    ...VIDEO,
    ...seedance25,
    id: SEEDANCE_REFERENCE,
    name: "Seedance 2.5 Reference to Video",
    description:
      "ByteDance's Seedance 2.5 from up to 30 reference images, a video and a sound, which the prompt names as @Image1, @Video1 and @Audio1; edits or continues the video too; with native audio.",
    variants: fromReferences(
      { endpoint: SEEDANCE_REFERENCE, duration: asString, params: { ...seedance25Params, seed } },
      { reference: { field: "image_urls", as: "list", max: 30 }, audio: { field: "audio_urls", as: "list" } },
      "video_urls",
      { task: oneOf(["reference", "editing", "extension"], "reference") },
    ),
    source: source(
      llms(SEEDANCE_REFERENCE),
      `${BY_TOKENS}also those of the caller's video: ${llms(SEEDANCE_REFERENCE)}`,
    ),
  },
  {
    ...VIDEO,
    ...h3,
    ...fromText(H3_TEXT, asInteger, {
      aspect_ratio: oneOf(H3_SHAPES, "16:9"),
      ...h3Params,
      prompt_expansion_mode: oneOf(["disabled", "fast", "balanced", "quality"], "balanced"),
    }),
    name: "MiniMax H3 Text to Video",
    description: "MiniMax's H3 from a prompt, up to 15 seconds and 4K, with native audio.",
    price: h3Price,
    source: source(
      `${llms(H3_TEXT)}, and ${OPENAPI}`,
      `${llms(H3_IMAGE)}; an older copy of ${llms(H3_TEXT)} says $0.08 for 768P, and otherwise the same`,
    ),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...h3,
    ...fromImage(H3_IMAGE, "image_url", asInteger, { ...h3Params, ...lastImage }),
    name: "MiniMax H3 Image to Video",
    description:
      "MiniMax's H3 that starts from a given image, and may end with another; up to 15 seconds and 4K, with native audio.",
    price: h3Price,
    source: source(llms(H3_IMAGE), llms(H3_IMAGE)),
  },
  {
    ...VIDEO,
    ...h3,
    id: H3_REFERENCE,
    name: "MiniMax H3 Reference to Video",
    description: `MiniMax's H3 from reference images, a video and a sound, ${byOrder}.`,
    variants: fromReferences(
      {
        endpoint: H3_REFERENCE,
        duration: asInteger,
        params: { aspect_ratio: oneOf(["adaptive", ...H3_SHAPES], "adaptive"), ...h3Params },
      },
      h3Inputs,
      "reference_video_urls",
    ),
    // Each image after the fifth costs $0.08 more, which we do not count.
    price: h3Price,
    source: source(llms(H3_REFERENCE), llms(H3_REFERENCE)),
  },
  {
    ...VIDEO,
    ...h3Max,
    ...fromText(H3_MAX_TEXT, asInteger, { aspect_ratio: oneOf(H3_SHAPES, "16:9"), ...h3MaxParams }),
    name: "H3 Max Text to Video",
    description: "fal's faster H3 Max, made from MiniMax's H3, from a prompt; up to 15 seconds, with native audio.",
    price: h3MaxPrice,
    source: source(llms(H3_MAX_TEXT), `${llms(H3_MAX_TEXT)}, and of 1080P ${llms(H3_MAX_REFERENCE)}`),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...h3Max,
    ...fromImage(H3_MAX_IMAGE, "image_url", asInteger, { ...h3MaxParams, ...lastImage }),
    name: "H3 Max Image to Video",
    description:
      "fal's faster H3 Max, made from MiniMax's H3, that starts from a given image, and may end with another; with native audio.",
    price: h3MaxPrice,
    source: source(llms(H3_MAX_IMAGE), `${llms(H3_MAX_IMAGE)}, and of 1080P ${llms(H3_MAX_REFERENCE)}`),
  },
  {
    ...VIDEO,
    ...h3Max,
    id: H3_MAX_REFERENCE,
    name: "H3 Max Reference to Video",
    description: `fal's faster H3 Max, made from MiniMax's H3, from reference images, a video and a sound, ${byOrder}.`,
    variants: fromReferences(
      {
        endpoint: H3_MAX_REFERENCE,
        duration: asInteger,
        params: { aspect_ratio: oneOf(["adaptive", ...H3_SHAPES], "adaptive"), ...h3MaxParams },
      },
      h3Inputs,
      "reference_video_urls",
    ),
    // More than 4,096 tokens of references, as with a fifth image, cost more, which we do not count.
    price: h3MaxPrice,
    source: source(llms(H3_MAX_REFERENCE), llms(H3_MAX_REFERENCE)),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...h3Max,
    id: H3_TURBO_IMAGE,
    name: "H3 Max Turbo Image to Video",
    description:
      "fal's cheapest H3, which starts from a given image, and may end with another; a given sound replaces its native audio.",
    tags: ["audio", "fast"],
    variants: {
      image: {
        endpoint: H3_TURBO_IMAGE,
        imageField: "image_url",
        inputs: { audio: { field: "target_audio_url" } },
        duration: asInteger,
        params: { ...h3MaxParams, ...lastImage },
      },
    },
    price: perSecond(40_000, { "480P": 25_000, "1080P": 80_000 }),
    usualSeconds: 20,
    source: source(llms(H3_TURBO_IMAGE), llms(H3_TURBO_IMAGE)),
  },
  {
    ...VIDEO,
    ...ray,
    ...fromText(RAY_TEXT, inSeconds, rayParams),
    name: "Ray 3.2 Text to Video",
    description: "Luma's Ray 3.2 from a prompt; videos of five seconds may be loops.",
    durationsSeconds: [5, 10],
    price: perSecond(100_000, { "720p": 200_000, "1080p": 400_000 }),
    source: source(llms(RAY_TEXT), llms(RAY_TEXT)),
  },
  {
    ...IMAGE_TO_VIDEO,
    ...ray,
    ...fromImage(RAY_IMAGE, "image_url", inSeconds, { ...rayParams, ...lastImage }),
    name: "Ray 3.2 Image to Video",
    description: "Luma's Ray 3.2 that starts from a given image, and may end with another or be a loop.",
    // Ten seconds are only for calls with key frames.
    durationsSeconds: [5],
    price: perSecond(30_000, { "720p": 60_000, "1080p": 240_000 }),
    source: source(llms(RAY_IMAGE), llms(RAY_IMAGE)),
  },
  {
    ...VIDEO,
    ...ray,
    id: RAY_VIDEO,
    category: "video to video",
    name: "Ray 3.2 Video to Video",
    description: "Luma's Ray 3.2, which edits a given video by a prompt; a given image is its first frame.",
    durationsSeconds: [5, 10],
    variants: {
      video: {
        endpoint: RAY_VIDEO,
        inputs: { video: { field: "video_url" }, first: { field: "start_image_url" } },
        duration: inSeconds,
        params: {
          resolution: rayResolution,
          edit_strength: {
            type: "string",
            values: ["adhere", "flex", "reimagine"].flatMap((how) => [1, 2, 3].map((level) => `${how}_${level}`)),
          },
          auto_controls: flag(false),
        },
      },
    },
    price: perSecond(144_000, { "720p": 216_000, "1080p": 432_000 }),
    source: source(llms(RAY_VIDEO), llms(RAY_VIDEO)),
  },
];
