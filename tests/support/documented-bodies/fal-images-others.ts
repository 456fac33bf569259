/** FLUX.1 Kontext, FLUX.2, and images of other makers at fal. The id of each model is its endpoint. */
import { type DocumentedBody, PROMPT } from "./row.js";

const prompt = PROMPT;

type Request = DocumentedBody["request"];
const row = (model: string, request: Omit<Request, "prompt">, body: object): DocumentedBody => ({
  model,
  request: { prompt, ...request },
  endpoint: model,
  body: { prompt, ...body },
});
/** Models that are asked for a shape, and not for pixels: all fields have the same names at fal. */
const shaped = (model: string, params: NonNullable<Request["params"]>, standard: object = {}): DocumentedBody[] => [
  row(model, {}, { aspect_ratio: "1:1", ...standard }),
  row(model, { width: 1600, height: 900 }, { aspect_ratio: "16:9", ...standard }),
  row(model, { params }, { ...params, ...standard }),
];
const SQUARE = { image_size: { width: 1024, height: 1024 } };

const kontext = {
  ...{ aspect_ratio: "9:21", seed: 7, output_format: "png", safety_tolerance: "6" },
  ...{ enhance_prompt: true, guidance_scale: 4 },
};
const banana = {
  ...{ aspect_ratio: "4:5", resolution: "4K", output_format: "webp", safety_tolerance: "1" },
  ...{ enable_web_search: true, limit_generations: true, seed: 7 },
};
const flux2Pro = (model: string): DocumentedBody[] => [
  row(model, {}, SQUARE),
  row(model, { width: 1024, height: 512 }, { image_size: { width: 1024, height: 512 } }),
  row(
    model,
    { params: { image_size: "landscape_16_9", seed: 7, output_format: "png", safety_tolerance: "5" } },
    { image_size: "landscape_16_9", seed: 7, output_format: "png", safety_tolerance: "5" },
  ),
];
const FLEX = "fal-ai/flux-2-flex";
const TURBO = "fal-ai/flux-2/turbo";
const KLEIN = "fal-ai/flux-2/klein/9b";
const PRO_BANANA = "fal-ai/nano-banana-pro";
const SEEDREAM = "fal-ai/bytedance/seedream/v4.5/text-to-image";
const RECRAFT = "fal-ai/recraft/v3/text-to-image";
const IDEOGRAM = "fal-ai/ideogram/v3";

export const FAL_IMAGES_OTHERS: DocumentedBody[] = [
  ...shaped("fal-ai/flux-pro/kontext/text-to-image", kontext),
  ...shaped("fal-ai/flux-pro/kontext/max/text-to-image", kontext),
  ...flux2Pro("fal-ai/flux-2-pro"),
  ...flux2Pro("fal-ai/flux-2-max"),
  row(FLEX, {}, SQUARE),
  row(
    FLEX,
    {
      width: 1920,
      height: 1080,
      params: { seed: 7, output_format: "png", safety_tolerance: "1", num_inference_steps: 30, guidance_scale: 4.5 },
    },
    {
      ...{ image_size: { width: 1920, height: 1080 }, seed: 7, output_format: "png", safety_tolerance: "1" },
      ...{ num_inference_steps: 30, guidance_scale: 4.5 },
    },
  ),
  row(FLEX, { params: { image_size: "square" } }, { image_size: "square" }),
  row(TURBO, {}, SQUARE),
  row(
    TURBO,
    {
      params: {
        ...{ image_size: "portrait_4_3", seed: 7, output_format: "webp" },
        ...{ guidance_scale: 3, enable_prompt_expansion: true },
      },
    },
    {
      ...{ image_size: "portrait_4_3", seed: 7, output_format: "webp" },
      ...{ guidance_scale: 3, enable_prompt_expansion: true },
    },
  ),
  row(KLEIN, {}, { ...SQUARE, num_images: 1 }),
  row(
    KLEIN,
    { num_images: 4, params: { image_size: "square", seed: 7, num_inference_steps: 8 } },
    { image_size: "square", num_images: 4, seed: 7, num_inference_steps: 8 },
  ),
  ...shaped("fal-ai/nano-banana-2", { ...banana, aspect_ratio: "8:1", thinking_level: "high" }),
  ...shaped(PRO_BANANA, banana, { num_images: 1 }),
  row(PRO_BANANA, { num_images: 4 }, { num_images: 4, aspect_ratio: "1:1" }),
  row(SEEDREAM, {}, { num_images: 1, image_size: "square_hd" }),
  row(SEEDREAM, { width: 1600, height: 900 }, { num_images: 1, image_size: "landscape_16_9" }),
  row(
    SEEDREAM,
    { num_images: 6, params: { image_size: "auto_4K", seed: 7 } },
    { num_images: 6, image_size: "auto_4K", seed: 7 },
  ),
  row(RECRAFT, {}, SQUARE),
  row(RECRAFT, { params: { image_size: "portrait_16_9" } }, { image_size: "portrait_16_9" }),
  row(IDEOGRAM, {}, SQUARE),
  row(
    IDEOGRAM,
    {
      params: {
        ...{ image_size: "square", negative_prompt: "rain", expand_prompt: false, style: "DESIGN", seed: 7 },
      },
    },
    { image_size: "square", negative_prompt: "rain", expand_prompt: false, style: "DESIGN", seed: 7 },
  ),
];
