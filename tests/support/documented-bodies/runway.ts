import { type DocumentedBody, IMAGE, PROMPT } from "./row.js";

const prompt = PROMPT;

const runwayVeo = (name: string): DocumentedBody[] => [
  {
    model: `runway/${name}`,
    request: { prompt },
    endpoint: "text_to_video",
    body: { model: name, promptText: prompt, ratio: "1280:720", duration: 6, audio: true },
  },
  {
    model: `runway/${name}`,
    request: {
      prompt,
      duration_seconds: 8,
      params: { aspect_ratio: "9:16", generate_audio: false, negative_prompt: "rain", seed: 7 },
    },
    endpoint: "text_to_video",
    body: {
      model: name,
      promptText: prompt,
      ratio: "720:1280",
      duration: 8,
      audio: false,
      negativePrompt: "rain",
      seed: 7,
    },
  },
  {
    model: `runway/${name}`,
    request: { prompt, image: true },
    endpoint: "image_to_video",
    body: { model: name, promptText: prompt, promptImage: IMAGE, ratio: "1280:720", duration: 6, audio: true },
  },
  {
    model: `runway/${name}`,
    request: {
      prompt,
      image: true,
      duration_seconds: 4,
      params: { ratio: "1080:1920", audio: false, negativePrompt: "rain", seed: 7 },
    },
    endpoint: "image_to_video",
    body: {
      model: name,
      promptText: prompt,
      promptImage: IMAGE,
      ratio: "1080:1920",
      duration: 4,
      audio: false,
      negativePrompt: "rain",
      seed: 7,
    },
  },
];

export const RUNWAY: DocumentedBody[] = [
  {
    model: "runway/gen4_turbo",
    request: { prompt, image: true },
    endpoint: "image_to_video",
    body: { model: "gen4_turbo", promptText: prompt, promptImage: IMAGE, ratio: "1280:720", duration: 5 },
  },
  {
    model: "runway/gen4_turbo",
    request: { prompt, image: true, duration_seconds: 5.5, params: { aspect_ratio: "21:9", seed: 7 } },
    endpoint: "image_to_video",
    body: { model: "gen4_turbo", promptText: prompt, promptImage: IMAGE, ratio: "1584:672", duration: 6, seed: 7 },
  },
  {
    model: "runway/gen4.5",
    request: { prompt },
    endpoint: "text_to_video",
    body: { model: "gen4.5", promptText: prompt, ratio: "1280:720", duration: 5 },
  },
  {
    model: "runway/gen4.5",
    request: { prompt, duration_seconds: 10, params: { ratio: "720:1280", seed: 7 } },
    endpoint: "text_to_video",
    body: { model: "gen4.5", promptText: prompt, ratio: "720:1280", duration: 10, seed: 7 },
  },
  {
    model: "runway/gen4.5",
    request: { prompt, image: true },
    endpoint: "image_to_video",
    body: { model: "gen4.5", promptText: prompt, promptImage: IMAGE, ratio: "1280:720", duration: 5 },
  },
  {
    model: "runway/gen4.5",
    request: { prompt, image: true, duration_seconds: 2, params: { aspect_ratio: "1:1", seed: 7 } },
    endpoint: "image_to_video",
    body: { model: "gen4.5", promptText: prompt, promptImage: IMAGE, ratio: "960:960", duration: 2, seed: 7 },
  },
  ...runwayVeo("veo3.1"),
  ...runwayVeo("veo3.1_fast"),
  {
    model: "runway/gen4_image",
    request: { prompt },
    endpoint: "text_to_image",
    body: { model: "gen4_image", promptText: prompt, ratio: "1024:1024" },
  },
  {
    model: "runway/gen4_image",
    request: { prompt, width: 640, height: 360, num_images: 1, params: { seed: 7 } },
    endpoint: "text_to_image",
    body: { model: "gen4_image", promptText: prompt, ratio: "1280:720", seed: 7 },
  },
  {
    model: "runway/gen4_image",
    request: { prompt, params: { aspect_ratio: "3:4" } },
    endpoint: "text_to_image",
    body: { model: "gen4_image", promptText: prompt, ratio: "1080:1440" },
  },
  {
    model: "runway/gen4_image",
    request: { prompt, params: { ratio: "1808:768" } },
    endpoint: "text_to_image",
    body: { model: "gen4_image", promptText: prompt, ratio: "1808:768" },
  },
];
