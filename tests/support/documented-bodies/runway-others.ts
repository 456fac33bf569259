/** Other makers' models at Runway. */
import { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT, REFERENCE } from "./row.js";

const prompt = PROMPT;

type Request = Omit<DocumentedBody["request"], "prompt" | "image">;
/** A row of each task: what the model receives beside its name, the prompt and the image. */
const textRow = (model: string, request: Request, body: object): DocumentedBody => ({
  model: `runway/${model}`,
  request: { prompt, ...request },
  endpoint: "text_to_video",
  body: { model, promptText: prompt, ...body },
});
const imageRow = (model: string, request: Request, body: object): DocumentedBody => ({
  model: `runway/${model}`,
  request: { prompt, image: true, ...request },
  endpoint: "image_to_video",
  body: { model, promptText: prompt, promptImage: IMAGE, ...body },
});
const pictureRow = (model: string, request: Request, body: object): DocumentedBody => ({
  model: `runway/${model}`,
  request: { prompt, ...request },
  endpoint: "text_to_image",
  body: { model, promptText: prompt, ...body },
});

const seedance = (model: string, longest: number, ratio: string): DocumentedBody[] => [
  textRow(model, {}, { ratio: "1280:720", duration: 5 }),
  textRow(
    model,
    { duration_seconds: longest, params: { aspect_ratio: "21:9", generate_audio: false, seed: 7 } },
    { ratio: "1470:630", duration: longest, audio: false, seed: 7 },
  ),
  imageRow(model, {}, { ratio: "1280:720", duration: 5 }),
  imageRow(
    model,
    { duration_seconds: 4, params: { ratio, audio: true, seed: 7 } },
    { ratio, duration: 4, audio: true, seed: 7 },
  ),
];

const first = { uri: IMAGE, position: "first" };
const last = { uri: LAST_IMAGE, position: "last" };
const wan = (model: string): DocumentedBody[] => [
  textRow(model, {}, { ratio: "1280:720", duration: 5 }),
  textRow(
    model,
    { duration_seconds: 30, params: { aspect_ratio: "4:3", generate_audio: false } },
    { ratio: "1104:832", duration: 30, audio: false },
  ),
  textRow(
    model,
    { media: ["reference", "reference"], params: { ratio: "1080:1920" } },
    { ratio: "1080:1920", duration: 5, references: [{ uri: REFERENCE }, { uri: REFERENCE }] },
  ),
  imageRow(model, {}, { promptImage: [first], ratio: "auto_720p", duration: 5 }),
  imageRow(
    model,
    { duration_seconds: 2, params: { resolution: "1080p", audio: true } },
    { promptImage: [first], ratio: "auto_1080p", duration: 2, audio: true },
  ),
  imageRow(
    model,
    { media: ["last"], params: { ratio: "auto_480p" } },
    { promptImage: [first, last], ratio: "auto_480p", duration: 5 },
  ),
];

const videos: DocumentedBody[] = [
  ...wan("wan3"),
  ...wan("wan3_prime"),
  textRow("h3_max", {}, { duration: 5, resolution: "768p" }),
  textRow(
    "h3_max",
    { duration_seconds: 15, params: { resolution: "480p", prompt_expansion_mode: "quality", seed: 7 } },
    { duration: 15, resolution: "480p", promptExpansionMode: "quality", seed: 7 },
  ),
  imageRow("h3_max", {}, { duration: 5, resolution: "768p" }),
  imageRow(
    "h3_max",
    { duration_seconds: 6, params: { resolution: "480p", prompt_expansion_mode: "disabled", seed: 7 } },
    { duration: 6, resolution: "480p", promptExpansionMode: "disabled", seed: 7 },
  ),
  imageRow("h3_max", { media: ["last"] }, { promptImage: [first, last], duration: 5, resolution: "768p" }),
  ...seedance("seedance2_5", 30, "480:854"),
  ...seedance("seedance2", 15, "3840:2160"),
  ...seedance("seedance2_fast", 15, "496:864"),
  ...seedance("seedance2_mini", 15, "834:1112"),
  textRow("hailuo3", {}, { ratio: "16:9", duration: 5, resolution: "768p" }),
  textRow(
    "hailuo3",
    { duration_seconds: 15, params: { aspect_ratio: "9:16", resolution: "2k" } },
    { ratio: "9:16", duration: 15, resolution: "2k" },
  ),
  imageRow("hailuo3", {}, { duration: 5, resolution: "768p" }),
  imageRow(
    "hailuo3",
    { duration_seconds: 8, params: { ratio: "adaptive", resolution: "2k" } },
    { ratio: "adaptive", duration: 8, resolution: "2k" },
  ),
  textRow("gemini_omni_flash", {}, { ratio: "1280:720", duration: 5 }),
  textRow(
    "gemini_omni_flash",
    { duration_seconds: 10, params: { aspect_ratio: "9:16" } },
    { ratio: "720:1280", duration: 10 },
  ),
  imageRow("gemini_omni_flash", {}, { ratio: "1280:720", duration: 5 }),
  imageRow(
    "gemini_omni_flash",
    { duration_seconds: 3, params: { ratio: "720:1280" } },
    { ratio: "720:1280", duration: 3 },
  ),
  textRow("gemini_omni_flash_1.1", {}, { ratio: "1280:720", duration: 5 }),
  textRow(
    "gemini_omni_flash_1.1",
    { duration_seconds: 10, params: { ratio: "3840:2160" } },
    { ratio: "3840:2160", duration: 10 },
  ),
  imageRow("gemini_omni_flash_1.1", {}, { ratio: "1280:720", duration: 5 }),
  imageRow(
    "gemini_omni_flash_1.1",
    { duration_seconds: 3, params: { aspect_ratio: "9:16" } },
    { ratio: "720:1280", duration: 3 },
  ),
  textRow("grok_imagine_1_5", {}, { duration: 5 }),
  textRow(
    "grok_imagine_1_5",
    { duration_seconds: 15, params: { aspect_ratio: "3:2", resolution: "1080p" } },
    { ratio: "3:2", duration: 15, resolution: "1080p" },
  ),
  imageRow("grok_imagine_1_5", {}, { duration: 5 }),
  imageRow(
    "grok_imagine_1_5",
    { duration_seconds: 1, params: { resolution: "480p" } },
    { duration: 1, resolution: "480p" },
  ),
  textRow("happyhorse_1_0", {}, { ratio: "1280:720", duration: 5 }),
  textRow(
    "happyhorse_1_0",
    { duration_seconds: 15, params: { aspect_ratio: "4:3" } },
    { ratio: "1108:832", duration: 15 },
  ),
  imageRow("happyhorse_1_0", {}, { duration: 5 }),
  imageRow(
    "happyhorse_1_0",
    { duration_seconds: 3, params: { resolution: "1080p" } },
    { duration: 3, resolution: "1080p" },
  ),
];

const pictures: DocumentedBody[] = [
  pictureRow("gemini_image3_pro", {}, { ratio: "1024:1024" }),
  pictureRow("gemini_image3_pro", { width: 2752, height: 1536 }, { ratio: "2752:1536" }),
  pictureRow("gemini_image3_pro", { params: { ratio: "5504:3072" } }, { ratio: "5504:3072" }),
  pictureRow("gpt_image_2", {}, { ratio: "1920:1920", outputCount: 1 }),
  pictureRow(
    "gpt_image_2",
    { num_images: 10, params: { ratio: "auto", quality: "low", background: "transparent" } },
    { ratio: "auto", outputCount: 10, quality: "low", background: "transparent" },
  ),
  pictureRow("seedream5_pro", {}, { ratio: "1024:1024" }),
  pictureRow(
    "seedream5_pro",
    { params: { ratio: "auto_2k", grounding: true, output_format: "jpeg" } },
    { ratio: "auto_2k", grounding: true, outputFormat: "jpeg" },
  ),
  pictureRow("grok_imagine_image_2", {}, { ratio: "1024:1024" }),
  pictureRow(
    "grok_imagine_image_2",
    { params: { ratio: "2816:1584", quality: "low" } },
    { ratio: "2816:1584", quality: "low" },
  ),
  pictureRow("muse_image", {}, { ratio: "1600:1600" }),
  pictureRow(
    "muse_image",
    { params: { ratio: "auto", outputFormat: "webp" } },
    { ratio: "auto", outputFormat: "webp" },
  ),
];

export const RUNWAY_OTHERS: DocumentedBody[] = [...videos, ...pictures];
