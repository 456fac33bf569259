/** fal's models. Inputs from @fal-ai/client's endpoint types; prices from fal's model pages, dated where they vary. */
import type { CatalogueEntry } from "./schema.js";

type Shared = Partial<CatalogueEntry> & Pick<CatalogueEntry, "provider" | "mediaType" | "usualSeconds">;
type Params = NonNullable<NonNullable<CatalogueEntry["variants"]["text"]>["params"]>;

const seed = { type: "integer", min: 0, max: 2 ** 32 - 1 } as const;
const promptText = { type: "string", maxLength: 10_000 } as const;

const veoParams: Params = {
  aspect_ratio: { type: "string", values: ["16:9", "9:16"], default: "16:9" },
  resolution: { type: "string", values: ["720p", "1080p"], default: "720p" },
  generate_audio: { type: "boolean", default: true },
  negative_prompt: promptText,
  seed,
  auto_fix: { type: "boolean", default: true },
  safety_tolerance: { type: "string", values: ["1", "2", "3", "4", "5", "6"], default: "4" },
};
const veoImageParams: Params = {
  ...veoParams,
  aspect_ratio: { type: "string", values: ["auto", "16:9", "9:16"], default: "auto" },
  auto_fix: { type: "boolean", default: false },
};
const veoDuration = { field: "duration", as: "seconds-suffix" } as const;
const veoText = (endpoint: string) => ({ endpoint, duration: veoDuration, params: veoParams });
const veoImage = (endpoint: string) => ({
  endpoint,
  imageField: "image_url",
  duration: veoDuration,
  params: veoImageParams,
});
const withAudio = (micro: number) => [{ params: { generate_audio: true }, micro }];
const veo: Shared = { provider: "fal", mediaType: "video", durationsSeconds: [4, 6, 8], usualSeconds: 90 };

const klingParams: Params = {
  negative_prompt: promptText,
  cfg_scale: { type: "number", min: 0, max: 1, default: 0.5 },
};
const klingDuration = { field: "duration", as: "string" } as const;
const kling: Shared & Pick<CatalogueEntry, "category" | "addedAt" | "price"> = {
  provider: "fal",
  mediaType: "video",
  category: "video generation",
  addedAt: "2025-09-23",
  durationsSeconds: [5, 10],
  price: { unit: "second", micro: 70_000 },
  usualSeconds: 120,
};

export const falModels: CatalogueEntry[] = [
  {
    ...veo,
    id: "fal-ai/veo3",
    name: "Veo 3",
    description: "Google's video model with native audio; text to video, and image to video when an image is given.",
    category: "video generation",
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-05-29",
    variants: { text: veoText("fal-ai/veo3"), image: veoImage("fal-ai/veo3/image-to-video") },
    price: { unit: "second", micro: 200_000, when: withAudio(400_000) },
  },
  {
    ...veo,
    id: "fal-ai/veo3/fast",
    name: "Veo 3 Fast",
    description: "Veo 3 at lower cost and render time; text to video, and image to video when an image is given.",
    category: "video generation",
    tags: ["audio", "fast"],
    addedAt: "2025-06-17",
    variants: { text: veoText("fal-ai/veo3/fast"), image: veoImage("fal-ai/veo3/fast/image-to-video") },
    price: { unit: "second", micro: 100_000, when: withAudio(150_000) },
    usualSeconds: 60,
  },
  {
    ...veo,
    id: "fal-ai/veo3/image-to-video",
    name: "Veo 3 Image to Video",
    description: "Veo 3 that starts from a given image.",
    category: "image to video",
    tags: ["audio"],
    addedAt: "2025-07-31",
    variants: { image: veoImage("fal-ai/veo3/image-to-video") },
    price: { unit: "second", micro: 200_000, when: withAudio(400_000) },
  },
  {
    ...veo,
    id: "fal-ai/veo3.1",
    name: "Veo 3.1",
    description: "Google's newer Veo; text to video, and image to video when an image is given.",
    category: "video generation",
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-10-15",
    variants: { text: veoText("fal-ai/veo3.1"), image: veoImage("fal-ai/veo3.1/image-to-video") },
    price: { unit: "second", micro: 200_000, when: withAudio(400_000) },
  },
  {
    ...kling,
    id: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    name: "Kling 2.5 Turbo Pro Text to Video",
    description: "Kuaishou's Kling 2.5 Turbo Pro from a prompt.",
    tags: ["silent"],
    variants: {
      text: {
        endpoint: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        duration: klingDuration,
        params: {
          aspect_ratio: { type: "string", values: ["16:9", "9:16", "1:1"], default: "16:9" },
          ...klingParams,
        },
      },
    },
  },
  {
    ...kling,
    id: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
    name: "Kling 2.5 Turbo Pro Image to Video",
    description: "Kuaishou's Kling 2.5 Turbo Pro that starts from a given image.",
    category: "image to video",
    tags: ["silent"],
    variants: {
      image: {
        endpoint: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
        imageField: "image_url",
        duration: klingDuration,
        params: klingParams,
      },
    },
  },
  {
    id: "fal-ai/flux/schnell",
    provider: "fal",
    mediaType: "image",
    name: "FLUX.1 schnell",
    description: "Black Forest Labs' fast text-to-image model.",
    category: "image generation",
    tags: ["fast"],
    featured: true,
    addedAt: "2024-08-01",
    variants: {
      text: {
        endpoint: "fal-ai/flux/schnell",
        size: { as: "object", field: "image_size", maxPixels: 4_194_304 },
        count: { field: "num_images", max: 4 },
        params: {
          image_size: {
            type: "size",
            values: ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"],
            maxPixels: 4_194_304,
            default: "landscape_4_3",
          },
          seed,
          output_format: { type: "string", values: ["jpeg", "png"], default: "jpeg" },
        },
      },
    },
    price: { unit: "megapixel", micro: 3000 },
    usualSeconds: 2,
  },
];
