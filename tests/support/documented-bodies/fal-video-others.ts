/** Hailuo, Seedance, LTX and PixVerse at fal. The id of each model is its endpoint. */
import { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT } from "./row.js";

const prompt = PROMPT;

type Fields = Record<string, string | number | boolean>;
/** One row with only the prompt, and one with all fields of `params`, which have the same names at fal. */
function textRows(model: string, standard: Fields, seconds: number, params: Fields, all: Fields): DocumentedBody[] {
  return [
    { model, request: { prompt }, endpoint: model, body: { prompt, ...standard } },
    { model, request: { prompt, duration_seconds: seconds, params }, endpoint: model, body: { prompt, ...all } },
  ];
}
function imageRows(model: string, standard: Fields, seconds: number, params: Fields, all: Fields): DocumentedBody[] {
  const body = { prompt, image_url: IMAGE };
  return [
    { model, request: { prompt, image: true }, endpoint: model, body: { ...body, ...standard } },
    {
      model,
      request: { prompt, image: true, duration_seconds: seconds, params },
      endpoint: model,
      body: { ...body, ...all },
    },
  ];
}

const end = { end_image_url: LAST_IMAGE };
const optimizer = { prompt_optimizer: false };
const seedance15 = {
  ...{ aspect_ratio: "21:9", resolution: "1080p", generate_audio: false, camera_fixed: true, seed: 7 },
};
const seedance2 = { resolution: "480p", generate_audio: false, seed: 7 };
const ltx = { resolution: "2160p", generate_audio: false };
const pixverse = {
  ...{ resolution: "1080p", generate_multi_clip_switch: true, negative_prompt: "rain" },
  ...{ style: "clay", thinking_type: "auto", seed: 7 },
};

export const FAL_VIDEO_OTHERS: DocumentedBody[] = [
  ...textRows("fal-ai/minimax/hailuo-2.3/pro/text-to-video", {}, 6, optimizer, { prompt_optimizer: false }),
  ...imageRows("fal-ai/minimax/hailuo-2.3/pro/image-to-video", {}, 6, optimizer, { prompt_optimizer: false }),
  ...imageRows("fal-ai/minimax/hailuo-2.3-fast/pro/image-to-video", {}, 6, optimizer, { prompt_optimizer: false }),
  ...textRows("fal-ai/bytedance/seedance/v1.5/pro/text-to-video", { duration: "5" }, 12, seedance15, {
    ...{ duration: "12", aspect_ratio: "21:9", resolution: "1080p", generate_audio: false },
    ...{ camera_fixed: true, seed: 7 },
  }),
  ...imageRows(
    "fal-ai/bytedance/seedance/v1.5/pro/image-to-video",
    { duration: "5" },
    4,
    { ...seedance15, ...end },
    {
      ...{ duration: "4", aspect_ratio: "21:9", resolution: "1080p", generate_audio: false },
      ...{ camera_fixed: true, seed: 7, end_image_url: LAST_IMAGE },
    },
  ),
  ...textRows(
    "bytedance/seedance-2.0/text-to-video",
    { duration: "5" },
    15,
    { ...seedance2, aspect_ratio: "1:1" },
    {
      ...{ duration: "15", resolution: "480p", generate_audio: false, seed: 7, aspect_ratio: "1:1" },
    },
  ),
  ...imageRows(
    "bytedance/seedance-2.0/image-to-video",
    { duration: "5" },
    4,
    { ...seedance2, ...end },
    {
      ...{ duration: "4", resolution: "480p", generate_audio: false, seed: 7, end_image_url: LAST_IMAGE },
    },
  ),
  ...textRows(
    "bytedance/seedance-2.0/fast/text-to-video",
    { duration: "5" },
    8,
    { ...seedance2, aspect_ratio: "auto" },
    {
      ...{ duration: "8", resolution: "480p", generate_audio: false, seed: 7, aspect_ratio: "auto" },
    },
  ),
  ...textRows(
    "fal-ai/ltx-2.3/text-to-video",
    { duration: 6 },
    10,
    { ...ltx, aspect_ratio: "9:16" },
    {
      ...{ duration: 10, resolution: "2160p", generate_audio: false, aspect_ratio: "9:16" },
    },
  ),
  ...textRows(
    "fal-ai/ltx-2.3/text-to-video/fast",
    { duration: 6 },
    20,
    { generate_audio: false, aspect_ratio: "9:16" },
    {
      ...{ duration: 20, generate_audio: false, aspect_ratio: "9:16" },
    },
  ),
  ...imageRows(
    "fal-ai/ltx-2.3/image-to-video",
    { duration: 6 },
    8,
    { ...ltx, ...end, aspect_ratio: "auto" },
    {
      ...{ duration: 8, resolution: "2160p", generate_audio: false, aspect_ratio: "auto", end_image_url: LAST_IMAGE },
    },
  ),
  ...textRows(
    "fal-ai/pixverse/v6/text-to-video",
    { duration: 5, generate_audio_switch: true },
    15,
    { ...pixverse, aspect_ratio: "2:3", generate_audio: false },
    {
      ...{ duration: 15, aspect_ratio: "2:3", resolution: "1080p", generate_audio_switch: false, seed: 7 },
      ...{ generate_multi_clip_switch: true, negative_prompt: "rain", style: "clay", thinking_type: "auto" },
    },
  ),
  ...imageRows(
    "fal-ai/pixverse/v6/image-to-video",
    { duration: 5, generate_audio_switch: true },
    1,
    { ...pixverse, generate_audio_switch: false },
    {
      ...{ duration: 1, resolution: "1080p", generate_audio_switch: false, seed: 7 },
      ...{ generate_multi_clip_switch: true, negative_prompt: "rain", style: "clay", thinking_type: "auto" },
    },
  ),
];
