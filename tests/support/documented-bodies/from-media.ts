/** Calls with several images, with a video or with a sound. */
import { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT, REFERENCE, SOUND, VIDEO } from "./row.js";

const prompt = PROMPT;

/** Veo 3.1 at fal. `base`: the id of the model. */
const falFrames = (base: string): DocumentedBody[] => [
  {
    model: base,
    request: { prompt, image: true, media: ["last"] },
    endpoint: `${base}/first-last-frame-to-video`,
    body: { prompt, first_frame_url: IMAGE, last_frame_url: LAST_IMAGE, duration: "6s" },
  },
  {
    model: base,
    request: {
      ...{ prompt, image: true, media: ["last"], duration_seconds: 4 },
      params: { aspect_ratio: "auto", resolution: "1080p", generate_audio: false, negative_prompt: "rain", seed: 7 },
    },
    endpoint: `${base}/first-last-frame-to-video`,
    body: {
      ...{ prompt, first_frame_url: IMAGE, last_frame_url: LAST_IMAGE, duration: "4s", aspect_ratio: "auto" },
      ...{ resolution: "1080p", generate_audio: false, negative_prompt: "rain", seed: 7 },
    },
  },
];
const falExtend = (base: string): DocumentedBody[] => [
  {
    model: base,
    request: { prompt, media: ["video"] },
    endpoint: `${base}/extend-video`,
    body: { prompt, video_url: VIDEO, duration: "7s" },
  },
  {
    model: base,
    request: {
      ...{ prompt, media: ["video"], duration_seconds: 7 },
      params: { aspect_ratio: "9:16", generate_audio: false, negative_prompt: "rain", seed: 7, safety_tolerance: "6" },
    },
    endpoint: `${base}/extend-video`,
    body: {
      ...{ prompt, video_url: VIDEO, duration: "7s", aspect_ratio: "9:16", generate_audio: false },
      ...{ negative_prompt: "rain", seed: 7, safety_tolerance: "6" },
    },
  },
];

const VEO = "fal-ai/veo3.1";
const MOTION = "fal-ai/kling-video/v3/pro/motion-control";
const SEEDANCE = "bytedance/seedance-2.0/reference-to-video";

const fal: DocumentedBody[] = [
  ...falFrames(VEO),
  ...falFrames(`${VEO}/fast`),
  ...falExtend(VEO),
  ...falExtend(`${VEO}/fast`),
  {
    model: VEO,
    request: { prompt, media: ["reference"] },
    endpoint: `${VEO}/reference-to-video`,
    body: { prompt, image_urls: [REFERENCE], duration: "8s" },
  },
  {
    model: VEO,
    request: {
      ...{ prompt, media: ["reference", "reference", "reference"], duration_seconds: 8 },
      params: { aspect_ratio: "9:16", resolution: "1080p", generate_audio: false, auto_fix: true },
    },
    endpoint: `${VEO}/reference-to-video`,
    body: {
      ...{ prompt, image_urls: [REFERENCE, REFERENCE, REFERENCE], duration: "8s" },
      ...{ aspect_ratio: "9:16", resolution: "1080p", generate_audio: false, auto_fix: true },
    },
  },
  {
    model: MOTION,
    request: { image: true, media: ["video"] },
    endpoint: MOTION,
    body: { image_url: IMAGE, video_url: VIDEO, character_orientation: "video" },
  },
  {
    model: MOTION,
    request: {
      ...{ prompt, image: true, media: ["video"] },
      params: { character_orientation: "image", keep_original_sound: false },
    },
    endpoint: MOTION,
    body: { prompt, image_url: IMAGE, video_url: VIDEO, character_orientation: "image", keep_original_sound: false },
  },
  {
    model: SEEDANCE,
    request: { prompt, media: ["reference"] },
    endpoint: SEEDANCE,
    body: { prompt, image_urls: [REFERENCE], duration: "5" },
  },
  {
    model: SEEDANCE,
    request: { prompt, media: ["reference", "reference", "audio"], params: { resolution: "480p", seed: 7 } },
    endpoint: SEEDANCE,
    body: {
      ...{ prompt, image_urls: [REFERENCE, REFERENCE], audio_urls: [SOUND], duration: "5" },
      ...{ resolution: "480p", seed: 7 },
    },
  },
  {
    model: SEEDANCE,
    request: {
      ...{ prompt, media: ["video", "reference", "audio"], duration_seconds: 15 },
      params: { aspect_ratio: "16:9", generate_audio: false },
    },
    endpoint: SEEDANCE,
    body: {
      ...{ prompt, image_urls: [REFERENCE], video_urls: [VIDEO], audio_urls: [SOUND], duration: "15" },
      ...{ aspect_ratio: "16:9", generate_audio: false },
    },
  },
];

const REPLICATE_VEO = "google/veo-3.1";
const REPLICATE_SEEDANCE = "bytedance/seedance-2.0";
const UPSCALE = "topazlabs/video-upscale";
const replicate: DocumentedBody[] = [
  {
    model: `replicate/${REPLICATE_VEO}`,
    request: { prompt, image: true, media: ["last"] },
    endpoint: REPLICATE_VEO,
    body: { prompt, image: IMAGE, last_frame: LAST_IMAGE, duration: 6 },
  },
  {
    model: `replicate/${REPLICATE_VEO}`,
    request: { prompt, media: ["reference", "reference"], params: { resolution: "720p", generate_audio: false } },
    endpoint: REPLICATE_VEO,
    body: { prompt, reference_images: [REFERENCE, REFERENCE], duration: 8, resolution: "720p", generate_audio: false },
  },
  {
    model: `replicate/${REPLICATE_SEEDANCE}`,
    request: { prompt, media: ["reference", "audio"], params: { aspect_ratio: "adaptive" } },
    endpoint: REPLICATE_SEEDANCE,
    body: {
      ...{ prompt, reference_images: [REFERENCE], reference_audios: [SOUND], duration: 5, aspect_ratio: "adaptive" },
    },
  },
  {
    model: `replicate/${REPLICATE_SEEDANCE}`,
    request: { prompt, media: ["video"], duration_seconds: 15, params: { seed: 7 } },
    endpoint: REPLICATE_SEEDANCE,
    body: { prompt, reference_videos: [VIDEO], duration: 15, seed: 7 },
  },
  {
    model: `replicate/${UPSCALE}`,
    request: { media: ["video"] },
    endpoint: UPSCALE,
    body: { video: VIDEO },
  },
  {
    model: `replicate/${UPSCALE}`,
    request: { media: ["video"], params: { target_resolution: "4k", target_fps: 30 } },
    endpoint: UPSCALE,
    body: { video: VIDEO, target_resolution: "4k", target_fps: 30 },
  },
];

const runwayFrames = (name: string, fields: object): DocumentedBody => ({
  model: `runway/${name}`,
  request: { prompt, image: true, media: ["last"] },
  endpoint: "image_to_video",
  body: {
    model: name,
    promptText: prompt,
    promptImage: [
      { uri: IMAGE, position: "first" },
      { uri: LAST_IMAGE, position: "last" },
    ],
    ratio: "1280:720",
    ...fields,
  },
});
const runwayReferences = (name: string): DocumentedBody => ({
  model: `runway/${name}`,
  request: { prompt, media: ["reference", "reference"] },
  endpoint: "text_to_video",
  body: {
    ...{ model: name, promptText: prompt, ratio: "1280:720", duration: 5 },
    references: [{ uri: REFERENCE }, { uri: REFERENCE }],
  },
});
const SEEDANCES = ["seedance2_5", "seedance2", "seedance2_fast", "seedance2_mini"];
const UPSCALER = "magnific_video_upscaler_creative";
const runway: DocumentedBody[] = [
  runwayFrames("veo3.1", { duration: 6, audio: true }),
  runwayFrames("veo3.1_fast", { duration: 6, audio: true }),
  ...SEEDANCES.map((name) => runwayFrames(name, { duration: 5 })),
  ...SEEDANCES.map(runwayReferences),
  {
    model: "runway/gen4_image",
    request: { prompt, media: ["reference", "reference"], width: 1920, height: 1080, params: { seed: 7 } },
    endpoint: "text_to_image",
    body: {
      ...{ model: "gen4_image", promptText: prompt, ratio: "1920:1080", seed: 7 },
      referenceImages: [{ uri: REFERENCE }, { uri: REFERENCE }],
    },
  },
  {
    model: "runway/aleph2",
    request: { media: ["video"] },
    endpoint: "video_to_video",
    body: { model: "aleph2", videoUri: VIDEO },
  },
  {
    model: "runway/aleph2",
    request: { prompt, media: ["video"], params: { aspect_ratio: "21:9", seed: 7 } },
    endpoint: "video_to_video",
    body: { model: "aleph2", videoUri: VIDEO, promptText: prompt, targetAspectRatio: "21:9", seed: 7 },
  },
  {
    model: "runway/act_two",
    request: { image: true, media: ["video"] },
    endpoint: "character_performance",
    body: {
      model: "act_two",
      character: { type: "image", uri: IMAGE },
      reference: { type: "video", uri: VIDEO },
    },
  },
  {
    model: "runway/act_two",
    request: {
      ...{ image: true, media: ["video"] },
      params: { aspect_ratio: "9:16", body_control: true, expression_intensity: 5, seed: 7 },
    },
    endpoint: "character_performance",
    body: {
      model: "act_two",
      character: { type: "image", uri: IMAGE },
      reference: { type: "video", uri: VIDEO },
      ...{ ratio: "720:1280", bodyControl: true, expressionIntensity: 5, seed: 7 },
    },
  },
  {
    model: `runway/${UPSCALER}`,
    request: { media: ["video"] },
    endpoint: "video_upscale",
    body: { model: UPSCALER, videoUri: VIDEO },
  },
  {
    model: `runway/${UPSCALER}`,
    request: {
      media: ["video"],
      params: { resolution: "4k", flavor: "natural", creativity: 10, sharpen: 0, smart_grain: 100, fps_boost: true },
    },
    endpoint: "video_upscale",
    body: {
      ...{ model: UPSCALER, videoUri: VIDEO, resolution: "4k", flavor: "natural", creativity: 10, sharpen: 0 },
      ...{ smartGrain: 100, fpsBoost: true },
    },
  },
];

export const FROM_MEDIA: DocumentedBody[] = [...fal, ...replicate, ...runway];
