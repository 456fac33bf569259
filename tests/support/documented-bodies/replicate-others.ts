/** Models at Replicate that came later than Veo 3.1. */
import { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT } from "./row.js";

const prompt = PROMPT;

type Request = Omit<DocumentedBody["request"], "prompt">;
const row = (name: string, request: Request, body: object): DocumentedBody => ({
  model: `replicate/${name}`,
  request: { prompt, ...request },
  endpoint: name,
  body: { prompt, ...body },
});

/** All fields of `params` have the same names at Replicate. `more`: only with an image. */
const video = (
  name: string,
  seconds: { standard: number; longest: number },
  params: NonNullable<Request["params"]>,
  more: Record<string, string> = {},
): DocumentedBody[] => [
  row(name, {}, { duration: seconds.standard }),
  row(name, { duration_seconds: seconds.longest, params }, { duration: seconds.longest, ...params }),
  row(name, { image: true }, { duration: seconds.standard, image: IMAGE }),
  row(
    name,
    { image: true, duration_seconds: seconds.longest, params: { ...params, ...more } },
    { duration: seconds.longest, image: IMAGE, ...params, ...more },
  ),
];

const FLUX_2 = "black-forest-labs/flux-2-pro";
const BANANA = "google/nano-banana-2";
const SEEDREAM = "bytedance/seedream-4.5";

export const REPLICATE_OTHERS: DocumentedBody[] = [
  ...video(
    "bytedance/seedance-2.0",
    { standard: 5, longest: 15 },
    { aspect_ratio: "adaptive", resolution: "1080p", generate_audio: false, seed: 7 },
    { last_frame_image: LAST_IMAGE },
  ),
  ...video("xai/grok-imagine-video", { standard: 5, longest: 15 }, { aspect_ratio: "3:2", resolution: "480p" }),
  row(FLUX_2, {}, { aspect_ratio: "custom", width: 1024, height: 1024 }),
  row(
    FLUX_2,
    {
      width: 2048,
      height: 256,
      params: { seed: 7, output_format: "jpg", output_quality: 90, safety_tolerance: 5, resolution: "4 MP" },
    },
    {
      ...{ aspect_ratio: "custom", width: 2048, height: 256, seed: 7, output_format: "jpg" },
      ...{ output_quality: 90, safety_tolerance: 5, resolution: "4 MP" },
    },
  ),
  row(FLUX_2, { params: { aspect_ratio: "4:5" } }, { aspect_ratio: "4:5" }),
  row(BANANA, {}, { aspect_ratio: "1:1" }),
  row(
    BANANA,
    {
      params: { aspect_ratio: "8:1", resolution: "4K", google_search: true, image_search: true, output_format: "png" },
    },
    { aspect_ratio: "8:1", resolution: "4K", google_search: true, image_search: true, output_format: "png" },
  ),
  row(SEEDREAM, {}, { aspect_ratio: "1:1" }),
  row(SEEDREAM, { width: 1920, height: 1080, params: { size: "4K" } }, { aspect_ratio: "16:9", size: "4K" }),
  row(SEEDREAM, { params: { aspect_ratio: "21:9" } }, { aspect_ratio: "21:9" }),
];
