import {
  type CatalogueEntry,
  flag,
  freeText,
  oneOf,
  type Params,
  seconds,
  seed,
  type VariantEntry,
  withAudio,
} from "@visgate/shared/catalogue";
import { fromNodetool, fromPages, noPrice, POLLINATIONS, VIDEO } from "./shared.js";

/** https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/veo/3-0-generate, seen on 2026-11-30. */
const RETIRED = "Google retired Veo 3 on 2026-06-30; use Veo 3.1.";

const inSeconds = { field: "duration", as: "integer" } as const;

const veo = { ...VIDEO, durationsSeconds: [4, 6, 8], usualSeconds: 100 };
const veoParams: Params = {
  aspect_ratio: oneOf(["16:9", "9:16"], "16:9"),
  resolution: oneOf(["720p", "1080p"], "1080p"),
  generate_audio: flag(true),
  negative_prompt: freeText,
  seed,
};
/** `more`: params that are allowed only with a first image. */
const veoVariants = (endpoint: string, more: Params = {}): CatalogueEntry["variants"] => ({
  text: { endpoint, duration: inSeconds, params: veoParams },
  image: { endpoint, imageField: "image", duration: inSeconds, params: { ...veoParams, ...more } },
});
/** Reference images work only in 16:9, which is the default, and in eight seconds. */
const { aspect_ratio: _ratio, ...referenceParams } = veoParams;
const veoReference = (endpoint: string): VariantEntry => ({
  endpoint,
  inputs: { reference: { field: "reference_images", as: "list", max: 3 } },
  durationsSeconds: [8],
  duration: inSeconds,
  params: referenceParams,
});
const lastFrame: Params = { last_frame: { type: "image_url" } };

/** Both tasks of a model whose inputs are the same with and without a first image, except for `more`. */
const videoVariants = (endpoint: string, params: Params, more: Params = {}): CatalogueEntry["variants"] => ({
  text: { endpoint, duration: inSeconds, params },
  image: { endpoint, imageField: "image", duration: inSeconds, params: { ...params, ...more } },
});

const SEEDANCE_2 = "bytedance/seedance-2.0";
const seedance2Params: Params = {
  aspect_ratio: oneOf(["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "9:21", "adaptive"], "16:9"),
  resolution: oneOf(["480p", "720p", "1080p"], "720p"),
  generate_audio: flag(true),
  seed,
};
/** Replicate takes up to three videos and three sounds; our calls have one of each. */
const seedance2Inputs = {
  reference: { field: "reference_images", as: "list", max: 9 },
  audio: { field: "reference_audios", as: "list" },
} as const;
const UPSCALE = "topazlabs/video-upscale";

export const videoModels: CatalogueEntry[] = [
  {
    ...veo,
    id: "replicate/google/veo-3",
    name: "Veo 3 (Replicate)",
    description: `Google's Veo 3 on Replicate; text to video, and image to video when an image is given. ${RETIRED}`,
    tags: ["audio", "flagship"],
    featured: true,
    addedAt: "2025-05-29",
    variants: veoVariants("google/veo-3"),
    price: { unit: "second", micro: 200_000, when: withAudio(400_000) },
    source: fromPages(
      "google/veo-3",
      "the price of Veo 3.1, in lists of third parties of 2026; $0.75 at its release in 2025",
    ),
  },
  {
    ...veo,
    id: "replicate/google/veo-3-fast",
    name: "Veo 3 Fast (Replicate)",
    description: `Veo 3 on Replicate at lower cost and render time. ${RETIRED}`,
    tags: ["audio", "fast"],
    addedAt: "2025-07-01",
    variants: veoVariants("google/veo-3-fast"),
    price: { unit: "second", micro: 100_000, when: withAudio(150_000) },
    source: fromPages("google/veo-3-fast", `${POLLINATIONS}, for Veo 3.1 Fast`),
    usualSeconds: 70,
  },
  {
    ...veo,
    id: "replicate/google/veo-3.1",
    name: "Veo 3.1 (Replicate)",
    description: "Google's Veo 3.1 on Replicate; may end with a given image too, or show what is in reference images.",
    tags: ["audio", "flagship"],
    addedAt: "2025-10-15",
    variants: { ...veoVariants("google/veo-3.1", lastFrame), reference: veoReference("google/veo-3.1") },
    price: { unit: "second", micro: 200_000, when: withAudio(400_000) },
    source: fromNodetool("lists of third parties of 2026"),
  },
  {
    ...VIDEO,
    id: "replicate/kwaivgi/kling-v2.5-turbo-pro",
    name: "Kling 2.5 Turbo Pro (Replicate)",
    description:
      "Kuaishou's Kling 2.5 Turbo Pro on Replicate; text to video, and image to video when an image is given.",
    tags: ["silent"],
    addedAt: "2025-09-23",
    durationsSeconds: [5, 10],
    variants: {
      text: {
        endpoint: "kwaivgi/kling-v2.5-turbo-pro",
        duration: inSeconds,
        params: { aspect_ratio: oneOf(["16:9", "9:16", "1:1"], "16:9"), negative_prompt: freeText },
      },
      // The video has the aspect ratio of the image: an aspect_ratio would be ignored.
      image: {
        endpoint: "kwaivgi/kling-v2.5-turbo-pro",
        imageField: "start_image",
        duration: inSeconds,
        params: { negative_prompt: freeText, end_image: { type: "image_url" } },
      },
    },
    price: { unit: "second", micro: 70_000 },
    source: fromPages("kwaivgi/kling-v2.5-turbo-pro", "lists of third parties of 2026"),
    usualSeconds: 120,
  },
  {
    ...veo,
    id: "replicate/google/veo-3.1-fast",
    name: "Veo 3.1 Fast (Replicate)",
    description: "Veo 3.1 on Replicate at lower cost and render time; may end with a given image too.",
    tags: ["audio", "fast"],
    addedAt: "2025-10-15",
    variants: veoVariants("google/veo-3.1-fast", lastFrame),
    price: { unit: "second", micro: 100_000, when: withAudio(150_000) },
    usualSeconds: 70,
    source: fromNodetool(POLLINATIONS),
  },
  {
    ...VIDEO,
    ...noPrice,
    id: "replicate/bytedance/seedance-2.0",
    name: "Seedance 2.0 (Replicate)",
    description:
      "ByteDance's Seedance 2.0 on Replicate, up to 15 seconds; from a prompt, first and last images, or reference images, a video and a sound.",
    tags: ["audio", "flagship"],
    addedAt: "2026-04-05",
    durationsSeconds: seconds(4, 15),
    variants: {
      ...videoVariants(SEEDANCE_2, seedance2Params, { last_frame_image: { type: "image_url" } }),
      reference: { endpoint: SEEDANCE_2, duration: inSeconds, params: seedance2Params, inputs: seedance2Inputs },
      video: {
        endpoint: SEEDANCE_2,
        duration: inSeconds,
        params: seedance2Params,
        inputs: { ...seedance2Inputs, video: { field: "reference_videos", as: "list" } },
      },
    },
    usualSeconds: 150,
  },
  {
    ...VIDEO,
    ...noPrice,
    id: "replicate/xai/grok-imagine-video",
    name: "Grok Imagine Video (Replicate)",
    description:
      "xAI's Grok Imagine on Replicate, up to 15 seconds; text to video, and image to video when an image is given.",
    tags: ["audio"],
    addedAt: "2026-02-05",
    durationsSeconds: seconds(1, 15),
    variants: videoVariants("xai/grok-imagine-video", {
      aspect_ratio: oneOf(["auto", "16:9", "4:3", "1:1", "9:16", "3:4", "3:2", "2:3"], "auto"),
      resolution: oneOf(["720p", "480p"], "720p"),
    }),
    usualSeconds: 60,
  },
  {
    ...VIDEO,
    ...noPrice,
    category: "video to video",
    id: `replicate/${UPSCALE}`,
    name: "Topaz Video Upscale (Replicate)",
    description: "Topaz Labs' upscaler on Replicate: the given video in a higher resolution and at another frame rate.",
    addedAt: "2025-04-24",
    variants: {
      video: {
        endpoint: UPSCALE,
        promptField: null,
        inputs: { video: { field: "video" } },
        params: {
          target_resolution: oneOf(["720p", "1080p", "4k"], "1080p"),
          target_fps: { type: "integer", min: 15, max: 120, default: 60 },
        },
      },
    },
    source: {
      inputs: "github.com/nodetool-ai/nodetool-replicate, src/nodetool/nodes/replicate/video/enhance.py",
      price: "not known",
      seenAt: "2026-11-30",
    },
    usualSeconds: 180,
  },
];
