import { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT } from "./row.js";

const prompt = PROMPT;

const veoAll = {
  aspect_ratio: "9:16",
  resolution: "1080p",
  generate_audio: false,
  negative_prompt: "rain",
  seed: 7,
  auto_fix: false,
  safety_tolerance: "6",
};

/** fal's Veo models take the same inputs; only the endpoints differ. */
const falVeoText = (model: string, endpoint: string): DocumentedBody[] => [
  { model, request: { prompt }, endpoint, body: { prompt, duration: "6s" } },
  {
    model,
    request: { prompt, duration_seconds: 8, params: veoAll },
    endpoint,
    body: {
      prompt,
      duration: "8s",
      aspect_ratio: "9:16",
      resolution: "1080p",
      generate_audio: false,
      negative_prompt: "rain",
      seed: 7,
      auto_fix: false,
      safety_tolerance: "6",
    },
  },
];
const falVeoImage = (model: string, endpoint: string): DocumentedBody[] => [
  { model, request: { prompt, image: true }, endpoint, body: { prompt, duration: "6s", image_url: IMAGE } },
  {
    model,
    request: { prompt, image: true, duration_seconds: 4, params: { ...veoAll, aspect_ratio: "auto" } },
    endpoint,
    body: {
      prompt,
      duration: "4s",
      image_url: IMAGE,
      aspect_ratio: "auto",
      resolution: "1080p",
      generate_audio: false,
      negative_prompt: "rain",
      seed: 7,
      auto_fix: false,
      safety_tolerance: "6",
    },
  },
];

/** The Pro and the Standard tier of Kling 3.0 take the same inputs; the id of the model is the endpoint. */
const kling3Text = (model: string): DocumentedBody[] => [
  {
    model,
    request: { prompt },
    endpoint: model,
    body: { prompt, duration: "5" },
  },
  {
    model,
    request: {
      prompt,
      duration_seconds: 15,
      params: { aspect_ratio: "9:16", negative_prompt: "rain", cfg_scale: 0.5, generate_audio: false },
    },
    endpoint: model,
    body: {
      prompt,
      duration: "15",
      aspect_ratio: "9:16",
      negative_prompt: "rain",
      cfg_scale: 0.5,
      generate_audio: false,
    },
  },
];
const kling3Image = (model: string): DocumentedBody[] => [
  {
    model,
    request: { prompt, image: true },
    endpoint: model,
    body: { prompt, duration: "5", start_image_url: IMAGE },
  },
  {
    model,
    request: {
      prompt,
      image: true,
      duration_seconds: 3,
      params: { negative_prompt: "rain", cfg_scale: 0.5, generate_audio: true, end_image_url: LAST_IMAGE },
    },
    endpoint: model,
    body: {
      prompt,
      duration: "3",
      start_image_url: IMAGE,
      negative_prompt: "rain",
      cfg_scale: 0.5,
      generate_audio: true,
      end_image_url: LAST_IMAGE,
    },
  },
];
const KLING_O3 = "fal-ai/kling-video/o3/standard/image-to-video";

export const FAL_VIDEO: DocumentedBody[] = [
  ...falVeoText("fal-ai/veo3", "fal-ai/veo3"),
  ...falVeoImage("fal-ai/veo3", "fal-ai/veo3/image-to-video"),
  ...falVeoText("fal-ai/veo3/fast", "fal-ai/veo3/fast"),
  ...falVeoImage("fal-ai/veo3/fast", "fal-ai/veo3/fast/image-to-video"),
  ...falVeoImage("fal-ai/veo3/image-to-video", "fal-ai/veo3/image-to-video"),
  ...falVeoText("fal-ai/veo3.1", "fal-ai/veo3.1"),
  ...falVeoImage("fal-ai/veo3.1", "fal-ai/veo3.1/image-to-video"),
  ...falVeoText("fal-ai/veo3.1/fast", "fal-ai/veo3.1/fast"),
  ...falVeoImage("fal-ai/veo3.1/fast", "fal-ai/veo3.1/fast/image-to-video"),
  ...falVeoText("fal-ai/veo3.1/lite", "fal-ai/veo3.1/lite"),
  ...falVeoImage("fal-ai/veo3.1/lite", "fal-ai/veo3.1/lite/image-to-video"),
  {
    model: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    request: { prompt },
    endpoint: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    body: { prompt, duration: "5" },
  },
  {
    model: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    request: {
      prompt,
      duration_seconds: 10,
      params: { aspect_ratio: "1:1", negative_prompt: "rain", cfg_scale: 0.25 },
    },
    endpoint: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    body: { prompt, duration: "10", aspect_ratio: "1:1", negative_prompt: "rain", cfg_scale: 0.25 },
  },
  {
    model: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
    request: { prompt, image: true },
    endpoint: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
    body: { prompt, duration: "5", image_url: IMAGE },
  },
  {
    model: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
    request: {
      prompt,
      image: true,
      duration_seconds: 10,
      params: { negative_prompt: "rain", cfg_scale: 1, tail_image_url: LAST_IMAGE },
    },
    endpoint: "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
    body: {
      prompt,
      duration: "10",
      image_url: IMAGE,
      negative_prompt: "rain",
      cfg_scale: 1,
      tail_image_url: LAST_IMAGE,
    },
  },
  {
    model: "fal-ai/kling-video/v2.5-turbo/standard/image-to-video",
    request: { prompt, image: true },
    endpoint: "fal-ai/kling-video/v2.5-turbo/standard/image-to-video",
    body: { prompt, duration: "5", image_url: IMAGE },
  },
  {
    model: "fal-ai/kling-video/v2.5-turbo/standard/image-to-video",
    request: {
      prompt,
      image: true,
      duration_seconds: 6,
      params: { negative_prompt: "rain", cfg_scale: 0 },
    },
    endpoint: "fal-ai/kling-video/v2.5-turbo/standard/image-to-video",
    body: { prompt, duration: "10", image_url: IMAGE, negative_prompt: "rain", cfg_scale: 0 },
  },
  ...kling3Text("fal-ai/kling-video/v3/pro/text-to-video"),
  ...kling3Image("fal-ai/kling-video/v3/pro/image-to-video"),
  ...kling3Text("fal-ai/kling-video/v3/standard/text-to-video"),
  ...kling3Image("fal-ai/kling-video/v3/standard/image-to-video"),
  {
    model: KLING_O3,
    request: { prompt, image: true },
    endpoint: KLING_O3,
    body: { prompt, duration: "5", image_url: IMAGE, generate_audio: true },
  },
  {
    model: KLING_O3,
    request: {
      prompt,
      image: true,
      duration_seconds: 15,
      params: { generate_audio: false, end_image_url: LAST_IMAGE },
    },
    endpoint: KLING_O3,
    body: { prompt, duration: "15", image_url: IMAGE, generate_audio: false, end_image_url: LAST_IMAGE },
  },
];
