import {
  type CatalogueEntry,
  flag,
  freeText,
  oneOf,
  type Params,
  seed,
  type VariantEntry,
  withAudio,
} from "@visgate/shared/catalogue";
import { IMAGE_TO_VIDEO, llms, SDK, source, VIDEO } from "./shared.js";

/** https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/veo/3-0-generate, seen on 2026-11-30. */
const RETIRED = "Google retired Veo 3 on 2026-06-30; use Veo 3.1.";

const params: Params = {
  aspect_ratio: oneOf(["16:9", "9:16"], "16:9"),
  resolution: oneOf(["720p", "1080p"], "720p"),
  generate_audio: flag(true),
  negative_prompt: freeText,
  seed,
  auto_fix: flag(true),
  safety_tolerance: oneOf(["1", "2", "3", "4", "5", "6"], "4"),
};
const imageParams: Params = {
  ...params,
  aspect_ratio: oneOf(["auto", "16:9", "9:16"], "auto"),
  auto_fix: flag(false),
};
const duration = { field: "duration", as: "seconds-suffix" } as const;
const text = (endpoint: string): VariantEntry => ({ endpoint, duration, params });
const image = (endpoint: string): VariantEntry => ({
  endpoint,
  imageField: "image_url",
  duration,
  params: imageParams,
});
/** Calls with a first and a last frame, which have fields of their own. */
const firstLast = (endpoint: string): VariantEntry => ({
  endpoint,
  inputs: { first: { field: "first_frame_url" }, last: { field: "last_frame_url" } },
  duration,
  params: imageParams,
});
/** fal says neither how many images nor which lengths; its examples have three, and eight seconds is the default. */
const { negative_prompt: _negative, seed: _seed, ...referenceParams }: Params = { ...params, auto_fix: flag(false) };
const reference = (endpoint: string): VariantEntry => ({
  endpoint,
  inputs: { reference: { field: "image_urls", as: "list", max: 3 } },
  durationsSeconds: [8],
  duration,
  params: referenceParams,
});
/** Continues a video of up to eight seconds. Seven is the only documented length, and 720p the only resolution. */
const { resolution: _resolution, ...extendParams } = imageParams;
const extend = (endpoint: string): VariantEntry => ({
  endpoint,
  inputs: { video: { field: "video_url" } },
  durationsSeconds: [7],
  duration,
  params: extendParams,
});
const veo = { ...VIDEO, durationsSeconds: [4, 6, 8], usualSeconds: 90 };
const price: CatalogueEntry["price"] = { unit: "second", micro: 200_000, when: withAudio(400_000) };
const fastPrice: CatalogueEntry["price"] = { unit: "second", micro: 100_000, when: withAudio(150_000) };

/** OpenAI's videos API ended on 2026-09-24. Code that still names its models gets the nearest ones. */
const sora = { openai: ["sora-2", "sora-2-2025-10-06", "sora-2-2025-12-08"] };
const soraPro = { openai: ["sora-2-pro", "sora-2-pro-2025-10-06"] };

export const veoModels: CatalogueEntry[] = [
  {
    ...veo,
    id: "fal-ai/veo3",
    name: "Veo 3",
    description: `Google's video model with native audio; text to video, and image to video when an image is given. ${RETIRED}`,
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-05-29",
    variants: { text: text("fal-ai/veo3"), image: image("fal-ai/veo3/image-to-video") },
    price,
    source: { inputs: SDK, price: llms("fal-ai/veo3"), seenAt: "2026-11-29" },
  },
  {
    ...veo,
    id: "fal-ai/veo3/fast",
    name: "Veo 3 Fast",
    description: `Veo 3 at lower cost and render time; text to video, and image to video when an image is given. ${RETIRED}`,
    tags: ["audio", "fast"],
    addedAt: "2025-06-17",
    variants: { text: text("fal-ai/veo3/fast"), image: image("fal-ai/veo3/fast/image-to-video") },
    price: fastPrice,
    usualSeconds: 60,
    source: source(SDK, "https://fal.ai/models/fal-ai/veo3/fast"),
  },
  {
    ...veo,
    ...IMAGE_TO_VIDEO,
    id: "fal-ai/veo3/image-to-video",
    name: "Veo 3 Image to Video",
    description: `Veo 3 that starts from a given image. ${RETIRED}`,
    tags: ["audio"],
    addedAt: "2025-07-31",
    variants: { image: image("fal-ai/veo3/image-to-video") },
    price,
    source: { inputs: SDK, price: llms("fal-ai/veo3"), seenAt: "2026-11-29" },
  },
  {
    ...veo,
    id: "fal-ai/veo3.1",
    name: "Veo 3.1",
    description:
      "Google's newer Veo; from a prompt, a first image, a first and a last one, or reference images; extends a video too.",
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-10-15",
    variants: {
      text: text("fal-ai/veo3.1"),
      image: image("fal-ai/veo3.1/image-to-video"),
      first_last: firstLast("fal-ai/veo3.1/first-last-frame-to-video"),
      reference: reference("fal-ai/veo3.1/reference-to-video"),
      video: extend("fal-ai/veo3.1/extend-video"),
    },
    price,
    aliases: soraPro,
    source: source(
      `${SDK}, ${llms("fal-ai/veo3.1/reference-to-video")}`,
      `https://fal.ai/models/fal-ai/veo3.1/playground, and ${llms("fal-ai/veo3.1/reference-to-video")}`,
    ),
  },
  {
    ...veo,
    id: "fal-ai/veo3.1/fast",
    name: "Veo 3.1 Fast",
    description:
      "Veo 3.1 at lower cost and render time; from a prompt, a first image, or a first and a last one; extends a video too.",
    tags: ["audio", "fast"],
    addedAt: "2025-10-15",
    variants: {
      text: text("fal-ai/veo3.1/fast"),
      image: image("fal-ai/veo3.1/fast/image-to-video"),
      first_last: firstLast("fal-ai/veo3.1/fast/first-last-frame-to-video"),
      video: extend("fal-ai/veo3.1/fast/extend-video"),
    },
    price: fastPrice,
    usualSeconds: 60,
    aliases: sora,
    source: source(
      `${SDK}, ${llms("fal-ai/veo3.1/fast/extend-video")}`,
      `${llms("fal-ai/veo3.1/fast/extend-video")}, ${llms("fal-ai/veo3.1/fast/first-last-frame-to-video")}`,
    ),
  },
  {
    ...veo,
    id: "fal-ai/veo3.1/lite",
    name: "Veo 3.1 Lite",
    description: "The cheapest Veo 3.1; text to video, and image to video when an image is given.",
    tags: ["audio", "fast"],
    addedAt: "2026-03-31",
    variants: { text: text("fal-ai/veo3.1/lite"), image: image("fal-ai/veo3.1/lite/image-to-video") },
    // Only this one price is known.
    price: {
      unit: "second",
      micro: null,
      when: [{ params: { resolution: "720p", generate_audio: true }, micro: 50_000 }],
    },
    usualSeconds: 60,
    source: source(
      "https://fal.ai/docs/model-api-reference/video-generation-api/veo3.1-lite",
      "https://videopromptkit.com/blog/veo3-1-lite-overview-veo-3-1-lite-model-overview-with-practical-production-steps",
    ),
  },
];
