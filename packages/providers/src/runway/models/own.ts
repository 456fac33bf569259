/** Runway's own models and Veo. */
import {
  type CatalogueEntry,
  freeText,
  type Params,
  seconds,
  seed,
  type VariantEntry,
  withAudio,
} from "@visgate/shared/catalogue";
import { firstAndLast, imageSizes, inSeconds, PRICES, ratioParams, references, SDK, source, VIDEO } from "./shared.js";

const prompt = { promptField: "promptText", promptMaxLength: 1000 } as const;
const twoToTen = seconds(2, 10);

const wideOrTall = { "16:9": "1280:720", "9:16": "720:1280" };
const gen4Shapes = { ...wideOrTall, "4:3": "1104:832", "3:4": "832:1104", "1:1": "960:960", "21:9": "1584:672" };

const gen4 = (endpoint: string, model: string, shapes: Record<string, string>): VariantEntry => ({
  ...prompt,
  endpoint,
  fixed: { model },
  ...(endpoint === "image_to_video" ? { imageField: "promptImage" } : {}),
  duration: inSeconds,
  params: { ...ratioParams(shapes), seed },
});

const veoParams: Params = {
  ...ratioParams(wideOrTall, ["1920:1080", "1080:1920"]),
  // Always sent, because the default is not documented and sound doubles the price.
  generate_audio: { type: "boolean", field: "audio", default: true, alwaysSent: true },
  audio: { type: "boolean" },
  negative_prompt: { ...freeText, field: "negativePrompt" },
  negativePrompt: freeText,
  seed,
};
const veo = (model: string, micro: { silent: number; audio: number }) =>
  ({
    ...VIDEO,
    id: `runway/${model}`,
    durationsSeconds: [4, 6, 8],
    variants: {
      text: { ...prompt, endpoint: "text_to_video", fixed: { model }, duration: inSeconds, params: veoParams },
      image: {
        ...prompt,
        endpoint: "image_to_video",
        fixed: { model },
        imageField: "promptImage",
        duration: inSeconds,
        params: veoParams,
      },
      first_last: {
        ...prompt,
        endpoint: "image_to_video",
        fixed: { model },
        inputs: firstAndLast,
        duration: inSeconds,
        params: veoParams,
      },
    },
    price: { unit: "second", micro: micro.silent, when: withAudio(micro.audio) },
    usualSeconds: 90,
    source: source(SDK, PRICES),
  }) satisfies Partial<CatalogueEntry>;

/** Ratios with a side of 720 pixels, which cost less. */
const smallImages = ["1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"];
const largeImages = [
  ...["1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440", "1808:768", "1920:1080"],
  ...["1080:1920", "2112:912"],
];
const imageShapes = {
  "1:1": "1024:1024",
  "16:9": "1920:1080",
  "9:16": "1080:1920",
  "4:3": "1440:1080",
  "3:4": "1080:1440",
  "21:9": "2112:912",
};
const gen4Image: VariantEntry = {
  ...prompt,
  endpoint: "text_to_image",
  fixed: { model: "gen4_image" },
  size: { as: "listed", field: "ratio", sizes: imageSizes([...largeImages, ...smallImages]) },
  params: {
    aspect_ratio: { type: "string", values: Object.keys(imageShapes), map: imageShapes, field: "ratio" },
    ratio: { type: "string", values: [...largeImages, ...smallImages] },
    seed,
  },
};

export const ownModels: CatalogueEntry[] = [
  {
    ...VIDEO,
    category: "image to video",
    id: "runway/gen4_turbo",
    name: "Gen-4 Turbo",
    description: "Runway's fast Gen-4 that starts from a given image.",
    tags: ["silent", "fast"],
    featured: true,
    addedAt: "2025-04-08",
    durationsSeconds: twoToTen,
    variants: { image: gen4("image_to_video", "gen4_turbo", gen4Shapes) },
    price: { unit: "second", micro: 50_000 },
    usualSeconds: 30,
    source: source(SDK, PRICES),
  },
  {
    ...VIDEO,
    id: "runway/gen4.5",
    name: "Gen-4.5",
    description: "Runway's Gen-4.5; text to video, and image to video when an image is given.",
    tags: ["silent", "flagship"],
    featured: true,
    addedAt: "2025-12-01",
    durationsSeconds: twoToTen,
    variants: {
      text: gen4("text_to_video", "gen4.5", wideOrTall),
      image: gen4("image_to_video", "gen4.5", gen4Shapes),
    },
    price: { unit: "second", micro: 120_000 },
    usualSeconds: 60,
    source: source(SDK, PRICES),
  },
  {
    ...veo("veo3.1", { silent: 200_000, audio: 400_000 }),
    name: "Veo 3.1 (Runway)",
    description: "Google's Veo 3.1 on Runway; text to video, and image to video when an image is given.",
    tags: ["audio", "flagship"],
    addedAt: "2025-10-15",
  },
  {
    ...veo("veo3.1_fast", { silent: 100_000, audio: 150_000 }),
    name: "Veo 3.1 Fast (Runway)",
    description: "Veo 3.1 on Runway at lower cost and render time.",
    tags: ["audio", "fast"],
    addedAt: "2025-10-15",
    usualSeconds: 60,
  },
  {
    id: "runway/gen4_image",
    provider: "runway",
    mediaType: "image",
    category: "image generation",
    name: "Gen-4 Image",
    description: "Runway's text-to-image model, which takes up to three reference images.",
    featured: true,
    addedAt: "2025-05-16",
    variants: {
      text: gen4Image,
      reference: { ...gen4Image, inputs: references("referenceImages", 3) },
    },
    price: { unit: "image", micro: 80_000, when: [{ params: { ratio: smallImages }, micro: 50_000 }] },
    usualSeconds: 20,
    source: source(SDK, PRICES),
  },
];
