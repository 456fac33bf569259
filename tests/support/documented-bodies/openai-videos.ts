/** The SDK sends each body as a multipart form, in which every field is text. */
import { type DocumentedBody, IMAGE, PROMPT } from "./row.js";

const prompt = PROMPT;
const model = "openai-videos/sim-video";
const endpoint = "sim-video";

export const OPENAI_VIDEOS: DocumentedBody[] = [
  {
    model,
    request: { prompt },
    endpoint,
    body: { prompt, seconds: "5", size: "1280x720" },
    form: { prompt, seconds: "5", size: "1280x720" },
  },
  {
    model,
    request: {
      prompt,
      duration_seconds: 8,
      params: {
        size: "720x1280",
        seed: 7,
        negative_prompt: "rain",
        fps: 24,
        num_inference_steps: 30,
        guidance_scale: 4.5,
      },
    },
    endpoint,
    body: {
      ...{ prompt, seconds: "8", size: "720x1280", seed: 7, negative_prompt: "rain" },
      ...{ fps: 24, num_inference_steps: 30, guidance_scale: 4.5 },
    },
    form: {
      ...{ prompt, seconds: "8", size: "720x1280", seed: "7", negative_prompt: "rain" },
      ...{ fps: "24", num_inference_steps: "30", guidance_scale: "4.5" },
    },
  },
  {
    model,
    request: { prompt, image: true, duration_seconds: 4 },
    endpoint,
    body: { prompt, seconds: "4", size: "1280x720", input_reference: IMAGE },
    form: { prompt, seconds: "4", size: "1280x720", "input_reference[image_url]": IMAGE },
  },
];
