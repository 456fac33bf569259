import { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT } from "./row.js";

const prompt = PROMPT;

const replicateVeoAll = {
  aspect_ratio: "9:16",
  resolution: "720p",
  generate_audio: false,
  negative_prompt: "rain",
  seed: 7,
};
const replicateVeo = (name: string, lastFrame: { last_frame?: string } = {}): DocumentedBody[] => [
  { model: `replicate/${name}`, request: { prompt }, endpoint: name, body: { prompt, duration: 6 } },
  {
    model: `replicate/${name}`,
    request: { prompt, duration_seconds: 8, params: replicateVeoAll },
    endpoint: name,
    body: {
      prompt,
      duration: 8,
      aspect_ratio: "9:16",
      resolution: "720p",
      generate_audio: false,
      negative_prompt: "rain",
      seed: 7,
    },
  },
  {
    model: `replicate/${name}`,
    request: { prompt, image: true },
    endpoint: name,
    body: { prompt, duration: 6, image: IMAGE },
  },
  {
    model: `replicate/${name}`,
    request: { prompt, image: true, duration_seconds: 4, params: { ...replicateVeoAll, ...lastFrame } },
    endpoint: name,
    body: {
      prompt,
      duration: 4,
      image: IMAGE,
      aspect_ratio: "9:16",
      resolution: "720p",
      generate_audio: false,
      negative_prompt: "rain",
      seed: 7,
      ...lastFrame,
    },
  },
];

export const REPLICATE_VIDEO: DocumentedBody[] = [
  ...replicateVeo("google/veo-3"),
  ...replicateVeo("google/veo-3-fast"),
  ...replicateVeo("google/veo-3.1", { last_frame: LAST_IMAGE }),
  ...replicateVeo("google/veo-3.1-fast", { last_frame: LAST_IMAGE }),
  {
    model: "replicate/kwaivgi/kling-v2.5-turbo-pro",
    request: { prompt },
    endpoint: "kwaivgi/kling-v2.5-turbo-pro",
    body: { prompt, duration: 5 },
  },
  {
    model: "replicate/kwaivgi/kling-v2.5-turbo-pro",
    request: { prompt, duration_seconds: 10, params: { aspect_ratio: "1:1", negative_prompt: "rain" } },
    endpoint: "kwaivgi/kling-v2.5-turbo-pro",
    body: { prompt, duration: 10, aspect_ratio: "1:1", negative_prompt: "rain" },
  },
  {
    model: "replicate/kwaivgi/kling-v2.5-turbo-pro",
    request: { prompt, image: true },
    endpoint: "kwaivgi/kling-v2.5-turbo-pro",
    body: { prompt, duration: 5, start_image: IMAGE },
  },
  {
    model: "replicate/kwaivgi/kling-v2.5-turbo-pro",
    request: {
      prompt,
      image: true,
      duration_seconds: 10,
      params: { negative_prompt: "rain", end_image: LAST_IMAGE },
    },
    endpoint: "kwaivgi/kling-v2.5-turbo-pro",
    body: { prompt, duration: 10, start_image: IMAGE, negative_prompt: "rain", end_image: LAST_IMAGE },
  },
];

export const REPLICATE_IMAGES: DocumentedBody[] = [
  {
    model: "replicate/black-forest-labs/flux-schnell",
    request: { prompt },
    endpoint: "black-forest-labs/flux-schnell",
    body: { prompt, aspect_ratio: "1:1", num_outputs: 1 },
  },
  {
    model: "replicate/black-forest-labs/flux-schnell",
    request: {
      prompt,
      width: 1920,
      height: 1080,
      num_images: 4,
      params: { seed: 7, output_format: "png", output_quality: 100, num_inference_steps: 1, go_fast: false },
    },
    endpoint: "black-forest-labs/flux-schnell",
    body: {
      prompt,
      aspect_ratio: "16:9",
      num_outputs: 4,
      seed: 7,
      output_format: "png",
      output_quality: 100,
      num_inference_steps: 1,
      go_fast: false,
    },
  },
  {
    model: "replicate/black-forest-labs/flux-schnell",
    request: { prompt, params: { aspect_ratio: "9:21" } },
    endpoint: "black-forest-labs/flux-schnell",
    body: { prompt, aspect_ratio: "9:21", num_outputs: 1 },
  },
  {
    model: "replicate/black-forest-labs/flux-dev",
    request: { prompt },
    endpoint: "black-forest-labs/flux-dev",
    body: { prompt, aspect_ratio: "1:1", num_outputs: 1 },
  },
  {
    model: "replicate/black-forest-labs/flux-dev",
    request: {
      prompt,
      num_images: 2,
      params: {
        aspect_ratio: "21:9",
        seed: 7,
        output_format: "jpg",
        output_quality: 0,
        num_inference_steps: 50,
        go_fast: true,
        guidance: 3.5,
      },
    },
    endpoint: "black-forest-labs/flux-dev",
    body: {
      prompt,
      aspect_ratio: "21:9",
      num_outputs: 2,
      seed: 7,
      output_format: "jpg",
      output_quality: 0,
      num_inference_steps: 50,
      go_fast: true,
      guidance: 3.5,
    },
  },
  {
    model: "replicate/black-forest-labs/flux-1.1-pro",
    request: { prompt },
    endpoint: "black-forest-labs/flux-1.1-pro",
    body: { prompt, aspect_ratio: "custom", width: 1024, height: 1024 },
  },
  {
    model: "replicate/black-forest-labs/flux-1.1-pro",
    request: {
      prompt,
      width: 1440,
      height: 256,
      num_images: 1,
      params: { seed: 7, output_format: "jpg", output_quality: 90, safety_tolerance: 6, prompt_upsampling: true },
    },
    endpoint: "black-forest-labs/flux-1.1-pro",
    body: {
      prompt,
      aspect_ratio: "custom",
      width: 1440,
      height: 256,
      seed: 7,
      output_format: "jpg",
      output_quality: 90,
      safety_tolerance: 6,
      prompt_upsampling: true,
    },
  },
  {
    model: "replicate/black-forest-labs/flux-1.1-pro",
    request: { prompt, params: { aspect_ratio: "4:5" } },
    endpoint: "black-forest-labs/flux-1.1-pro",
    body: { prompt, aspect_ratio: "4:5" },
  },
  {
    model: "replicate/stability-ai/stable-diffusion-3.5-large",
    request: { prompt },
    endpoint: "stability-ai/stable-diffusion-3.5-large",
    body: { prompt, aspect_ratio: "1:1" },
  },
  {
    model: "replicate/stability-ai/stable-diffusion-3.5-large",
    request: {
      prompt,
      params: { aspect_ratio: "9:21", negative_prompt: "rain", cfg: 7.5, seed: 7, output_format: "jpg" },
    },
    endpoint: "stability-ai/stable-diffusion-3.5-large",
    body: { prompt, aspect_ratio: "9:21", negative_prompt: "rain", cfg: 7.5, seed: 7, output_format: "jpg" },
  },
];
