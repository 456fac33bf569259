/** Seedance 2.5, MiniMax H3 and Luma Ray 3.2 at fal. The id of each model is its endpoint. */
import { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT, REFERENCE, SOUND, VIDEO } from "./row.js";

const prompt = PROMPT;

type Request = Omit<DocumentedBody["request"], "prompt">;
const row = (model: string, request: Request, body: Record<string, unknown>): DocumentedBody => ({
  model,
  request: { prompt, ...request },
  endpoint: model,
  body: { prompt, ...body },
});
const image = true;
const last = { end_image_url: LAST_IMAGE };

const SEEDANCE = "bytedance/seedance-2.5";
const seedance = { resolution: "1080p", generate_audio: false, bitrate_mode: "high", codec: "H265" };
const seedanceRows: DocumentedBody[] = [
  row(`${SEEDANCE}/text-to-video`, {}, { duration: "5" }),
  row(
    `${SEEDANCE}/text-to-video`,
    { duration_seconds: 30, params: { ...seedance, aspect_ratio: "21:9" } },
    { ...seedance, duration: "30", aspect_ratio: "21:9" },
  ),
  row(`${SEEDANCE}/image-to-video`, { image }, { image_url: IMAGE, duration: "5" }),
  row(
    `${SEEDANCE}/image-to-video`,
    { image, duration_seconds: 4, params: { ...seedance, ...last } },
    { ...seedance, ...last, image_url: IMAGE, duration: "4" },
  ),
  row(`${SEEDANCE}/reference-to-video`, { media: ["reference"] }, { image_urls: [REFERENCE], duration: "5" }),
  row(
    `${SEEDANCE}/reference-to-video`,
    { media: ["reference", "reference", "audio"], params: { ...seedance, seed: 7 } },
    { ...seedance, image_urls: [REFERENCE, REFERENCE], audio_urls: [SOUND], duration: "5", seed: 7 },
  ),
  row(
    `${SEEDANCE}/reference-to-video`,
    { media: ["video", "reference"], duration_seconds: 30, params: { task: "extension", aspect_ratio: "16:9" } },
    { image_urls: [REFERENCE], video_urls: [VIDEO], duration: "30", task: "extension", aspect_ratio: "16:9" },
  ),
];

/** `sent`: what every call of the model has. */
function h3Rows(base: string, resolution: string, sent: Record<string, string>): DocumentedBody[] {
  const all = { resolution, prompt_expansion_mode: "quality", seed: 7 };
  return [
    row(`${base}/text-to-video`, {}, { ...sent, duration: 5 }),
    row(
      `${base}/text-to-video`,
      { duration_seconds: 15, params: { ...all, prompt_expansion_mode: "disabled", aspect_ratio: "9:16" } },
      { ...all, prompt_expansion_mode: "disabled", duration: 15, aspect_ratio: "9:16" },
    ),
    row(`${base}/image-to-video`, { image }, { ...sent, image_url: IMAGE, duration: 5 }),
    row(
      `${base}/image-to-video`,
      { image, duration_seconds: 6, params: { ...all, ...last } },
      { ...all, ...last, image_url: IMAGE, duration: 6 },
    ),
    row(
      `${base}/reference-to-video`,
      { media: ["reference"] },
      { ...sent, reference_image_urls: [REFERENCE], duration: 5 },
    ),
    row(
      `${base}/reference-to-video`,
      { media: ["reference", "audio"], params: { ...all, aspect_ratio: "adaptive" } },
      {
        ...{ ...all, aspect_ratio: "adaptive", duration: 5 },
        ...{ reference_image_urls: [REFERENCE], reference_audio_urls: [SOUND] },
      },
    ),
    row(
      `${base}/reference-to-video`,
      { media: ["video", "audio"], duration_seconds: 15, params: { aspect_ratio: "21:9" } },
      {
        ...{ ...sent, aspect_ratio: "21:9", duration: 15 },
        ...{ reference_video_urls: [VIDEO], reference_audio_urls: [SOUND] },
      },
    ),
  ];
}
const TURBO = "minimax/h3-max-turbo/image-to-video";
const turboRows: DocumentedBody[] = [
  row(TURBO, { image }, { image_url: IMAGE, duration: 5, prompt_expansion_mode: "balanced" }),
  row(
    TURBO,
    {
      ...{ image, media: ["audio"], duration_seconds: 15 },
      params: { ...last, resolution: "1080P", prompt_expansion_mode: "disabled", seed: 7 },
    },
    {
      ...{ ...last, image_url: IMAGE, target_audio_url: SOUND, duration: 15 },
      ...{ resolution: "1080P", prompt_expansion_mode: "disabled", seed: 7 },
    },
  ),
];

const RAY = "luma/agent/ray/v3.2";
const rayRows: DocumentedBody[] = [
  row(`${RAY}/text-to-video`, {}, { duration: "5s" }),
  row(
    `${RAY}/text-to-video`,
    { duration_seconds: 10, params: { aspect_ratio: "21:9", resolution: "1080p", loop: false } },
    { duration: "10s", aspect_ratio: "21:9", resolution: "1080p", loop: false },
  ),
  row(`${RAY}/image-to-video`, { image }, { image_url: IMAGE, duration: "5s" }),
  row(
    `${RAY}/image-to-video`,
    { image, duration_seconds: 4, params: { ...last, aspect_ratio: "3:4", resolution: "720p" } },
    { ...last, image_url: IMAGE, duration: "5s", aspect_ratio: "3:4", resolution: "720p" },
  ),
  row(`${RAY}/image-to-video`, { image, params: { loop: true } }, { image_url: IMAGE, duration: "5s", loop: true }),
  row(`${RAY}/video-to-video`, { media: ["video"] }, { video_url: VIDEO, duration: "5s" }),
  row(
    `${RAY}/video-to-video`,
    { image, media: ["video"], duration_seconds: 10, params: { resolution: "1080p", edit_strength: "flex_2" } },
    {
      ...{ video_url: VIDEO, start_image_url: IMAGE, duration: "10s" },
      ...{ resolution: "1080p", edit_strength: "flex_2" },
    },
  ),
  row(
    `${RAY}/video-to-video`,
    { media: ["video"], params: { auto_controls: true } },
    { video_url: VIDEO, duration: "5s", auto_controls: true },
  ),
];

export const FAL_VIDEO_NEWEST: DocumentedBody[] = [
  ...seedanceRows,
  ...h3Rows("minimax/h3", "4K", {}),
  ...h3Rows("minimax/h3-max", "480P", { prompt_expansion_mode: "balanced" }),
  ...turboRows,
  ...rayRows,
];
