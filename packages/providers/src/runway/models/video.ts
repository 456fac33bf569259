/** Other makers' video models at Runway. References in videos and sounds are left out. */
import { type CatalogueEntry, type Params, seconds, seed, type VariantEntry } from "@visgate/shared/catalogue";
import {
  firstAndLast,
  inSeconds,
  NEWEST_PRICES,
  NO_PRICE,
  PRICES,
  ratioParams,
  references,
  SDK,
  SDK_AND_LENGTHS,
  SDK_AND_NEWEST_LENGTHS,
  source,
  VIDEO,
} from "./shared.js";

interface Inputs {
  text: Params;
  /** The same as those of `text`, when left out. */
  image?: Params;
  promptMaxLength?: number;
  /** Whether a video may end with a given image too. */
  hasLast?: boolean;
  /** How many reference images it takes. */
  maxReferences?: number;
  /** Whether a first image has to say its position, because it would be a reference without one. */
  hasPositions?: boolean;
}
/** The tasks of a model: with and without a first image, with a last one too, and with references. */
function variants(
  model: string,
  { text, image = text, promptMaxLength, hasLast = false, maxReferences, hasPositions = false }: Inputs,
): CatalogueEntry["variants"] {
  const common: Omit<VariantEntry, "endpoint"> = {
    promptField: "promptText",
    ...(promptMaxLength === undefined ? {} : { promptMaxLength }),
    fixed: { model },
    duration: inSeconds,
  };
  return {
    text: { ...common, endpoint: "text_to_video", params: text },
    image: {
      ...{ ...common, endpoint: "image_to_video", params: image },
      ...(hasPositions ? { inputs: { first: firstAndLast.first } } : { imageField: "promptImage" }),
    },
    ...(hasLast && {
      first_last: { ...common, endpoint: "image_to_video", inputs: firstAndLast, params: image },
    }),
    ...(maxReferences !== undefined && {
      reference: {
        ...common,
        endpoint: "text_to_video",
        inputs: references("references", maxReferences),
        params: text,
      },
    }),
  };
}
/** Runway documents no default, and the price is the same with and without sound. */
const audio: Params = { generate_audio: { type: "boolean", field: "audio" }, audio: { type: "boolean" } };

const SEEDANCE_720 = {
  ...{ "16:9": "1280:720", "9:16": "720:1280", "1:1": "960:960" },
  ...{ "4:3": "1112:834", "3:4": "834:1112", "21:9": "1470:630" },
};
const SEEDANCE_480 = ["992:432", "864:496", "752:560", "640:640", "560:752", "496:864"];
const SEEDANCE_1080 = ["2206:946", "1920:1080", "1664:1248", "1440:1440", "1248:1664", "1080:1920"];
const SEEDANCE_4K = ["3840:1646", "3840:2160", "3840:2880", "3840:3840", "2880:3840", "2160:3840"];
const SEEDANCE_25_480 = ["992:432", "854:480", "752:560", "640:640", "560:752", "480:854"];
const seedance = (model: string, otherRatios: string[], promptMaxLength: number, maxReferences = 9) => ({
  ...VIDEO,
  id: `runway/${model}`,
  variants: variants(model, {
    text: { ...ratioParams(SEEDANCE_720, otherRatios), ...audio, seed },
    ...{ promptMaxLength, hasLast: true, maxReferences },
  }),
  source: source(SDK_AND_LENGTHS, PRICES),
});

const wideOrTall = { "16:9": "1280:720", "9:16": "720:1280" };

const HAILUO_SHAPES = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"];
// Always sent, because the default is not documented and decides the price.
const hailuoResolution: Params = {
  resolution: { type: "string", values: ["768p", "2k"], default: "768p", alwaysSent: true },
};

const grokResolution: Params = { resolution: { type: "string", values: ["480p", "720p", "1080p"] } };

const HAPPYHORSE_720 = { ...wideOrTall, "1:1": "960:960", "4:3": "1108:832", "3:4": "832:1108" };

const WAN_720 = { "16:9": "1280:720", "9:16": "720:1280", "1:1": "960:960", "4:3": "1104:832", "3:4": "832:1104" };
const WAN_480 = ["832:480", "720:544", "624:624", "544:720", "480:832"];
const WAN_1080 = ["1920:1080", "1648:1248", "1440:1440", "1248:1648", "1080:1920"];
const WAN_AUTO = { "480p": "auto_480p", "720p": "auto_720p", "1080p": "auto_1080p" };
/** The video has the shape of the image. Always sent: the default is not documented, and decides the price. */
const wanFrameParams: Params = {
  resolution: {
    type: "string",
    values: Object.keys(WAN_AUTO),
    map: WAN_AUTO,
    field: "ratio",
    default: "720p",
    alwaysSent: true,
  },
  ratio: { type: "string", values: Object.values(WAN_AUTO) },
  ...audio,
};
/** In micro-USD for a second at 480p, 720p and 1080p. */
function wan(model: string, [small, middle, large]: [number, number, number]) {
  return {
    ...VIDEO,
    id: `runway/${model}`,
    tags: ["audio"],
    addedAt: "2026-11-30",
    durationsSeconds: seconds(2, 30),
    variants: variants(model, {
      text: { ...ratioParams(WAN_720, [...WAN_480, ...WAN_1080]), ...audio },
      image: wanFrameParams,
      ...{ promptMaxLength: 20_000, hasLast: true, maxReferences: 10, hasPositions: true },
    }),
    price: {
      unit: "second",
      micro: middle,
      when: [
        { params: { ratio: [...WAN_480, WAN_AUTO["480p"]] }, micro: small },
        { params: { ratio: [...WAN_1080, WAN_AUTO["1080p"]] }, micro: large },
      ],
    },
    source: source(SDK_AND_NEWEST_LENGTHS, NEWEST_PRICES),
  } satisfies Partial<CatalogueEntry>;
}

/** The resolution is always sent, because the default is not documented and decides the price. */
const h3MaxParams: Params = {
  resolution: { type: "string", values: ["480p", "768p"], default: "768p", alwaysSent: true },
  prompt_expansion_mode: {
    type: "string",
    values: ["disabled", "balanced", "quality"],
    field: "promptExpansionMode",
    default: "balanced",
  },
  seed,
};

export const videoModels: CatalogueEntry[] = [
  {
    ...seedance("seedance2_5", [...SEEDANCE_25_480, ...SEEDANCE_1080], 15_000, 30),
    name: "Seedance 2.5 (Runway)",
    description:
      "ByteDance's Seedance 2.5 on Runway, up to 30 seconds; text to video, and image to video when an image is given.",
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2026-08-07",
    durationsSeconds: seconds(4, 30),
    price: {
      unit: "second",
      micro: 300_000,
      when: [
        { params: { ratio: SEEDANCE_25_480 }, micro: 200_000 },
        { params: { ratio: SEEDANCE_1080 }, micro: 680_000 },
      ],
    },
    usualSeconds: 240,
  },
  {
    ...seedance("seedance2", [...SEEDANCE_480, ...SEEDANCE_1080, ...SEEDANCE_4K], 3500),
    name: "Seedance 2.0 (Runway)",
    description:
      "ByteDance's Seedance 2.0 on Runway, up to 4K; text to video, and image to video when an image is given.",
    tags: ["audio"],
    addedAt: "2026-04-15",
    durationsSeconds: seconds(4, 15),
    price: {
      unit: "second",
      micro: 360_000,
      when: [
        { params: { ratio: SEEDANCE_1080 }, micro: 400_000 },
        { params: { ratio: SEEDANCE_4K }, micro: 1_500_000 },
      ],
    },
    usualSeconds: 180,
  },
  {
    ...seedance("seedance2_fast", SEEDANCE_480, 3500),
    name: "Seedance 2.0 Fast (Runway)",
    description: "Seedance 2.0 on Runway at lower cost and render time.",
    tags: ["audio", "fast"],
    addedAt: "2026-06-05",
    durationsSeconds: seconds(4, 15),
    price: { unit: "second", micro: 290_000 },
    usualSeconds: 90,
  },
  {
    ...seedance("seedance2_mini", SEEDANCE_480, 3500),
    name: "Seedance 2.0 Mini (Runway)",
    description: "The cheapest Seedance 2.0 on Runway.",
    tags: ["audio", "fast"],
    addedAt: "2026-07-06",
    durationsSeconds: seconds(4, 15),
    price: { unit: "second", micro: 160_000 },
    usualSeconds: 60,
  },
  {
    ...VIDEO,
    id: "runway/hailuo3",
    name: "Hailuo 3 (Runway)",
    description: "MiniMax's Hailuo 3 on Runway, up to 2K; text to video, and image to video when an image is given.",
    tags: ["audio"],
    addedAt: "2026-08-07",
    durationsSeconds: seconds(5, 15),
    variants: variants("hailuo3", {
      text: {
        aspect_ratio: { type: "string", values: HAILUO_SHAPES, field: "ratio", default: "16:9", alwaysSent: true },
        ratio: { type: "string", values: HAILUO_SHAPES },
        ...hailuoResolution,
      },
      image: {
        aspect_ratio: { type: "string", values: ["adaptive", ...HAILUO_SHAPES], field: "ratio" },
        ratio: { type: "string", values: ["adaptive", ...HAILUO_SHAPES] },
        ...hailuoResolution,
      },
    }),
    price: { unit: "second", micro: 100_000, when: [{ params: { resolution: "2k" }, micro: 150_000 }] },
    usualSeconds: 150,
    source: source(SDK_AND_LENGTHS, PRICES),
  },
  {
    ...VIDEO,
    id: "runway/h3_max",
    name: "H3 Max (Runway)",
    description: "MiniMax's H3 Max on Runway; text to video, and image to video when an image is given.",
    tags: ["fast"],
    addedAt: "2026-11-30",
    durationsSeconds: seconds(5, 15),
    variants: variants("h3_max", { text: h3MaxParams, promptMaxLength: 6000, hasLast: true }),
    price: { unit: "second", micro: 80_000, when: [{ params: { resolution: "480p" }, micro: 50_000 }] },
    usualSeconds: 30,
    source: source(SDK_AND_NEWEST_LENGTHS, NEWEST_PRICES),
  },
  {
    ...wan("wan3", [50_000, 100_000, 200_000]),
    name: "Wan 3.0 (Runway)",
    description:
      "Alibaba's Wan 3.0 on Runway, up to 30 seconds; text to video, and image to video when an image is given.",
    usualSeconds: 180,
  },
  {
    ...wan("wan3_prime", [68_000, 140_000, 280_000]),
    name: "Wan 3.0 Prime (Runway)",
    description: "Alibaba's Wan 3.0 on Runway in less time, up to 30 seconds.",
    usualSeconds: 90,
  },
  {
    ...VIDEO,
    id: "runway/gemini_omni_flash",
    name: "Gemini Omni Flash (Runway)",
    description: "Google's Gemini Omni Flash on Runway; text to video, and image to video when an image is given.",
    tags: ["audio", "fast"],
    addedAt: "2026-07-06",
    durationsSeconds: seconds(3, 10),
    variants: variants("gemini_omni_flash", { text: ratioParams(wideOrTall) }),
    price: { unit: "second", micro: 100_000 },
    usualSeconds: 60,
    source: source(SDK, PRICES),
  },
  {
    ...VIDEO,
    id: "runway/gemini_omni_flash_1.1",
    name: "Gemini Omni Flash 1.1 (Runway)",
    description:
      "Google's Gemini Omni Flash 1.1 on Runway, up to 4K; text to video, and image to video when an image is given.",
    tags: ["audio", "fast"],
    addedAt: "2026-09-23",
    durationsSeconds: seconds(3, 10),
    variants: variants("gemini_omni_flash_1.1", {
      text: ratioParams(wideOrTall, ["640:360", "360:640", "1920:1080", "1080:1920", "3840:2160", "2160:3840"]),
    }),
    price: { unit: "second", micro: null },
    usualSeconds: 60,
    source: source(SDK, NO_PRICE),
  },
  {
    ...VIDEO,
    id: "runway/grok_imagine_1_5",
    name: "Grok Imagine 1.5 (Runway)",
    description:
      "xAI's Grok Imagine 1.5 on Runway, up to 15 seconds; text to video, and image to video when an image is given.",
    tags: ["audio"],
    addedAt: "2026-08-18",
    durationsSeconds: seconds(1, 15),
    variants: variants("grok_imagine_1_5", {
      text: {
        aspect_ratio: {
          type: "string",
          values: ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"],
          field: "ratio",
        },
        ratio: { type: "string", values: ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"] },
        ...grokResolution,
      },
      // The video has the shape of the image.
      image: grokResolution,
    }),
    price: { unit: "second", micro: null },
    usualSeconds: 60,
    source: source(SDK_AND_LENGTHS, NO_PRICE),
  },
  {
    ...VIDEO,
    id: "runway/happyhorse_1_0",
    name: "HappyHorse 1.0 (Runway)",
    description: "HappyHorse 1.0 on Runway; text to video, and image to video when an image is given.",
    addedAt: "2026-05-14",
    durationsSeconds: seconds(3, 15),
    variants: variants("happyhorse_1_0", {
      text: ratioParams(HAPPYHORSE_720, ["1920:1080", "1080:1920", "1440:1440", "1662:1248", "1248:1662"]),
      // The video has the shape of the image.
      image: { resolution: { type: "string", values: ["720p", "1080p"] } },
      promptMaxLength: 2500,
    }),
    price: { unit: "second", micro: null },
    usualSeconds: 120,
    source: source(SDK_AND_LENGTHS, NO_PRICE),
  },
];
