import { type DocumentedBody, PROMPT } from "./row.js";

const prompt = PROMPT;

const ONE_SQUARE = { image_size: { width: 1024, height: 1024 }, num_images: 1 };

export const FAL_IMAGES: DocumentedBody[] = [
  {
    model: "fal-ai/flux/schnell",
    request: { prompt },
    endpoint: "fal-ai/flux/schnell",
    body: { prompt, ...ONE_SQUARE },
  },
  {
    model: "fal-ai/flux/schnell",
    request: {
      prompt,
      width: 768,
      height: 512,
      num_images: 4,
      params: { seed: 7, output_format: "png", num_inference_steps: 8 },
    },
    endpoint: "fal-ai/flux/schnell",
    body: {
      prompt,
      image_size: { width: 768, height: 512 },
      num_images: 4,
      seed: 7,
      output_format: "png",
      num_inference_steps: 8,
    },
  },
  {
    model: "fal-ai/flux/schnell",
    request: { prompt, params: { image_size: "portrait_16_9" } },
    endpoint: "fal-ai/flux/schnell",
    body: { prompt, image_size: "portrait_16_9", num_images: 1 },
  },
  { model: "fal-ai/flux/dev", request: { prompt }, endpoint: "fal-ai/flux/dev", body: { prompt, ...ONE_SQUARE } },
  {
    model: "fal-ai/flux/dev",
    request: {
      prompt,
      num_images: 2,
      params: {
        image_size: { width: 640, height: 480 },
        seed: 0,
        output_format: "jpeg",
        num_inference_steps: 50,
        guidance_scale: 20,
        acceleration: "high",
      },
    },
    endpoint: "fal-ai/flux/dev",
    body: {
      prompt,
      image_size: { width: 640, height: 480 },
      num_images: 2,
      seed: 0,
      output_format: "jpeg",
      num_inference_steps: 50,
      guidance_scale: 20,
      acceleration: "high",
    },
  },
  {
    model: "fal-ai/flux-pro/v1.1",
    request: { prompt },
    endpoint: "fal-ai/flux-pro/v1.1",
    body: { prompt, ...ONE_SQUARE },
  },
  {
    model: "fal-ai/flux-pro/v1.1",
    request: {
      prompt,
      width: 1280,
      height: 720,
      num_images: 3,
      params: { seed: 7, output_format: "png", safety_tolerance: "5", enhance_prompt: true },
    },
    endpoint: "fal-ai/flux-pro/v1.1",
    body: {
      prompt,
      image_size: { width: 1280, height: 720 },
      num_images: 3,
      seed: 7,
      output_format: "png",
      safety_tolerance: "5",
      enhance_prompt: true,
    },
  },
  {
    model: "fal-ai/flux-pro/v1.1",
    request: { prompt, params: { image_size: "square" } },
    endpoint: "fal-ai/flux-pro/v1.1",
    body: { prompt, image_size: "square", num_images: 1 },
  },
  {
    model: "fal-ai/stable-diffusion-v3-medium",
    request: { prompt },
    endpoint: "fal-ai/stable-diffusion-v3-medium",
    body: { prompt, ...ONE_SQUARE },
  },
  {
    model: "fal-ai/stable-diffusion-v3-medium",
    request: {
      prompt,
      params: {
        ...{ image_size: "portrait_4_3", seed: 7, negative_prompt: "rain", prompt_expansion: true },
        ...{ num_inference_steps: 50, guidance_scale: 7.5 },
      },
    },
    endpoint: "fal-ai/stable-diffusion-v3-medium",
    body: {
      prompt,
      image_size: "portrait_4_3",
      num_images: 1,
      seed: 7,
      negative_prompt: "rain",
      prompt_expansion: true,
      num_inference_steps: 50,
      guidance_scale: 7.5,
    },
  },
];
