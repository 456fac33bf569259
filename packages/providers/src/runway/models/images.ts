/** Other makers' image models at Runway. Reference images are left out. */
import { type CatalogueEntry, flag, oneOf, type Params, type VariantEntry } from "@visgate/shared/catalogue";
import { IMAGE, imageSizes, NO_PRICE, SDK, source } from "./shared.js";

/** `ratio` names the pixels, and a shape chosen by the model where that exists ("auto"). */
function textToImage(model: string, ratios: string[], more: Partial<VariantEntry> = {}, params: Params = {}) {
  const variant: VariantEntry = {
    endpoint: "text_to_image",
    promptField: "promptText",
    fixed: { model },
    size: { as: "listed", field: "ratio", sizes: imageSizes(ratios) },
    ...more,
    params: { ratio: { type: "string", values: ratios }, ...params },
  };
  return { ...IMAGE, id: `runway/${model}`, variants: { text: variant } };
}
const noPrice = {
  price: { unit: "image", micro: null },
  source: source(SDK, NO_PRICE),
} satisfies Partial<CatalogueEntry>;
const pngOrJpeg: Params = {
  output_format: { ...oneOf(["png", "jpeg"], "png"), field: "outputFormat" },
  outputFormat: { type: "string", values: ["png", "jpeg"] },
};

const GEMINI_1K = [
  ...["1024:1024", "1344:768", "768:1344", "1184:864", "864:1184", "1536:672", "832:1248", "1248:832"],
  ...["896:1152", "1152:896"],
];
const GEMINI_2K = [
  ...["2048:2048", "1696:2528", "2528:1696", "1792:2400", "2400:1792", "1856:2304", "2304:1856"],
  ...["1536:2752", "2752:1536", "3168:1344"],
];
const GEMINI_4K = [
  ...["4096:4096", "3392:5056", "5056:3392", "3584:4800", "4800:3584", "3712:4608", "4608:3712"],
  ...["3072:5504", "5504:3072", "6336:2688"],
];
const GPT_RATIOS = [
  ...["1920:1920", "2048:880", "1920:1088", "1920:1280", "1920:1440", "1920:1536", "1536:1920", "1440:1920"],
  ...["1280:1920", "1088:1920", "2912:1248", "2560:1440", "2560:1712", "2560:1920", "2560:2048", "2560:2560"],
  ...["2048:2560", "1920:2560", "1712:2560", "1440:2560", "3840:1648", "3840:2160", "3504:2336", "3264:2448"],
  ...["3200:2560", "2880:2880", "2560:3200", "2448:3264", "2336:3504", "2160:3840", "auto"],
];
const SEEDREAM_RATIOS = [
  ...["1024:1024", "1184:896", "896:1184", "1376:768", "768:1376", "1296:864", "864:1296", "2048:2048"],
  ...["2304:1728", "1728:2304", "2720:1530", "1530:2720", "2496:1664", "1664:2496", "auto_1k", "auto_2k"],
];
const GROK_RATIOS = [
  ...["1024:1024", "1280:720", "720:1280", "1152:864", "864:1152", "1248:832", "832:1248", "1248:576", "576:1248"],
  ...["1280:576", "576:1280", "1408:704", "704:1408", "2048:2048", "2816:1584", "1584:2816", "2368:1776"],
  ...["1776:2368", "2496:1664", "1664:2496", "2912:1344", "1344:2912", "3200:1440", "1440:3200", "2912:1456"],
  ...["1456:2912", "auto_1k", "auto_2k"],
];
const MUSE_RATIOS = [
  ...["1600:1600", "2352:1008", "2016:1152", "1920:1280", "1792:1344", "1344:1792", "1280:1920", "1152:2016", "auto"],
];

export const imageModels: CatalogueEntry[] = [
  {
    ...textToImage("gemini_image3_pro", [...GEMINI_1K, ...GEMINI_2K, ...GEMINI_4K]),
    ...noPrice,
    name: "Gemini 3 Pro Image (Runway)",
    description: "Google's Gemini 3 Pro Image (Nano Banana Pro) on Runway, up to 4K.",
    tags: ["flagship"],
    addedAt: "2025-12-03",
    usualSeconds: 25,
  },
  {
    ...textToImage(
      "gpt_image_2",
      GPT_RATIOS,
      { promptMaxLength: 32_000, count: { field: "outputCount", max: 10 } },
      {
        quality: oneOf(["low", "medium", "high", "auto"], "high"),
        background: oneOf(["transparent", "opaque", "auto"], "auto"),
      },
    ),
    ...noPrice,
    name: "GPT Image 2 (Runway)",
    description: "OpenAI's GPT Image 2 on Runway, up to 4K.",
    tags: ["flagship"],
    addedAt: "2026-05-08",
    usualSeconds: 45,
  },
  {
    ...textToImage(
      "seedream5_pro",
      SEEDREAM_RATIOS,
      { promptMaxLength: 4000 },
      {
        grounding: flag(false),
        ...pngOrJpeg,
      },
    ),
    ...noPrice,
    name: "Seedream 5 Pro (Runway)",
    description: "ByteDance's Seedream 5 Pro on Runway, up to 2K; may search the web for current facts.",
    addedAt: "2026-07-13",
    usualSeconds: 20,
  },
  {
    ...textToImage("grok_imagine_image_2", GROK_RATIOS, {}, { quality: oneOf(["low", "medium"], "medium") }),
    ...noPrice,
    name: "Grok Imagine Image 2 (Runway)",
    description: "xAI's Grok Imagine Image 2 on Runway, up to 2K.",
    addedAt: "2026-08-18",
    usualSeconds: 15,
  },
  {
    ...textToImage(
      "muse_image",
      MUSE_RATIOS,
      {},
      {
        output_format: { ...oneOf(["webp", "png", "jpeg"], "png"), field: "outputFormat" },
        outputFormat: { type: "string", values: ["webp", "png", "jpeg"] },
      },
    ),
    name: "Muse Image (Runway)",
    description: "Meta's Muse Image on Runway: a cent for an image.",
    tags: ["fast"],
    addedAt: "2026-09-23",
    price: { unit: "image", micro: 10_000 },
    usualSeconds: 15,
    source: source(SDK, `${SDK} ("Each image costs 1 credit")`),
  },
];
