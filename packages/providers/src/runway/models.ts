/**
 * Runway's models; the endpoint is the task that is started. Inputs: the types of @runwayml/sdk 4.20.1. Prices: the
 * rw-api-reference of github.com/runwayml/skills, 2026, at $0.01 a credit. Runway reports the real charge of each task.
 * Left out: gen4_image_turbo, which needs a reference image, and formats other than MP4.
 */
import {
  type CatalogueEntry,
  freeText,
  type Params,
  seed,
  type VariantEntry,
  withAudio,
} from "@visgate/shared/catalogue";

const VIDEO = { provider: "runway", mediaType: "video", category: "video generation" } as const;
const prompt = { promptField: "promptText", promptMaxLength: 1000 } as const;
const inSeconds = { field: "duration", as: "integer" } as const;
const twoToTen = [2, 3, 4, 5, 6, 7, 8, 9, 10];

/** The aspect ratio by its usual name, and Runway's own `ratio`, because some ratios have no usual name. */
function ratioParams(names: Record<string, string>, others: string[] = []): Params {
  const shapes = Object.keys(names);
  return {
    aspect_ratio: { type: "string", values: shapes, map: names, field: "ratio", default: "16:9", alwaysSent: true },
    ratio: { type: "string", values: [...Object.values(names), ...others] },
  };
}
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
    },
    price: { unit: "second", micro: micro.silent, when: withAudio(micro.audio) },
    usualSeconds: 90,
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
const sizeOf = (value: string) => {
  const [width = 0, height = 0] = value.split(":").map(Number);
  return { value, width, height };
};

export const runwayModels: CatalogueEntry[] = [
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
    // 25 credits a second at its release.
    price: { unit: "second", micro: 120_000 },
    usualSeconds: 60,
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
    description: "Runway's text-to-image model.",
    featured: true,
    addedAt: "2025-05-16",
    variants: {
      text: {
        ...prompt,
        endpoint: "text_to_image",
        fixed: { model: "gen4_image" },
        size: { as: "listed", field: "ratio", sizes: [...largeImages, ...smallImages].map(sizeOf) },
        params: {
          aspect_ratio: { type: "string", values: Object.keys(imageShapes), map: imageShapes, field: "ratio" },
          ratio: { type: "string", values: [...largeImages, ...smallImages] },
          seed,
        },
      },
    },
    price: { unit: "image", micro: 80_000, when: [{ params: { ratio: smallImages }, micro: 50_000 }] },
    usualSeconds: 20,
  },
];
