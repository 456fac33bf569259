/**
 * Other makers' models at Runway. References in videos or sounds, and `duration: "auto"`, are not simulated.
 * Where Runway does not say which length is the standard, it is five seconds here.
 */
import { z } from "zod";
import { firstAndLastFrame, firstFrame, promptUpTo, references, seed } from "./fields.js";

const seconds = (first: number, last: number) => z.int().min(first).max(last).default(5);
const anyPrompt = z.string().min(1);
const ratios = <T extends string>(...values: readonly T[]) => z.enum(values as [T, ...T[]]).optional();

const SEEDANCE_720 = ["1470:630", "1280:720", "1112:834", "960:960", "834:1112", "720:1280"] as const;
const SEEDANCE_480 = ["992:432", "864:496", "752:560", "640:640", "560:752", "496:864"] as const;
const SEEDANCE_1080 = ["2206:946", "1920:1080", "1664:1248", "1440:1440", "1248:1664", "1080:1920"] as const;
const SEEDANCE_4K = ["3840:1646", "3840:2160", "3840:2880", "3840:3840", "2880:3840", "2160:3840"] as const;
const SEEDANCE_25_480 = ["992:432", "854:480", "752:560", "640:640", "560:752", "480:854"] as const;

const seedance = { audio: z.boolean().optional(), seed };
const small = { ...seedance, promptText: promptUpTo(3500), ratio: ratios(...SEEDANCE_480, ...SEEDANCE_720) };
const seedance2 = {
  ...{ ...seedance, model: z.literal("seedance2"), promptText: promptUpTo(3500), duration: seconds(4, 15) },
  ratio: ratios(...SEEDANCE_480, ...SEEDANCE_720, ...SEEDANCE_1080, ...SEEDANCE_4K),
};
const seedance2Fast = { ...small, model: z.literal("seedance2_fast"), duration: seconds(4, 15) };
const seedance2Mini = { ...small, model: z.literal("seedance2_mini"), duration: seconds(4, 15) };
const seedance25 = {
  ...{ ...seedance, model: z.literal("seedance2_5"), promptText: promptUpTo(15_000), duration: seconds(4, 30) },
  ratio: ratios(...SEEDANCE_25_480, ...SEEDANCE_720, ...SEEDANCE_1080),
};

const hailuo3 = {
  ...{ model: z.literal("hailuo3"), promptText: anyPrompt, duration: seconds(5, 15) },
  ratio: ratios("adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"),
  resolution: z.enum(["768p", "2k"]).default("768p"),
};

const omniFlash = {
  ...{ model: z.literal("gemini_omni_flash"), promptText: anyPrompt, duration: seconds(3, 10) },
  ratio: ratios("1280:720", "720:1280"),
};
const omniFlash11 = {
  ...{ model: z.literal("gemini_omni_flash_1.1"), promptText: anyPrompt, duration: seconds(3, 10) },
  ratio: ratios(
    ...(["640:360", "360:640", "1280:720", "720:1280"] as const),
    ...(["1920:1080", "1080:1920", "3840:2160", "2160:3840"] as const),
  ),
};

const grok = {
  ...{ model: z.literal("grok_imagine_1_5"), promptText: anyPrompt, duration: seconds(1, 15) },
  resolution: z.enum(["480p", "720p", "1080p"]).optional(),
};
const happyhorse = {
  ...{ model: z.literal("happyhorse_1_0"), promptText: promptUpTo(2500), duration: seconds(3, 15) },
};

const WAN_480 = ["832:480", "720:544", "624:624", "544:720", "480:832"] as const;
const WAN_720 = ["1280:720", "1104:832", "960:960", "832:1104", "720:1280"] as const;
const WAN_1080 = ["1920:1080", "1648:1248", "1440:1440", "1248:1648", "1080:1920"] as const;
const wan = { promptText: promptUpTo(20_000), duration: seconds(2, 30), audio: z.boolean().optional() };
const wan3 = { ...wan, model: z.literal("wan3") };
const wan3Prime = { ...wan, model: z.literal("wan3_prime") };
const wanText = { ratio: ratios(...WAN_480, ...WAN_720, ...WAN_1080), references: references(10) };
/** Images without a position, which are references, are not simulated. */
const wanFrames = {
  ratio: ratios("auto_480p", "auto_720p", "auto_1080p"),
  promptImage: firstAndLastFrame.refine((given) => typeof given !== "string", {
    error: "An image needs a position to be a frame",
  }),
};

const h3Max = {
  ...{ model: z.literal("h3_max"), promptText: promptUpTo(6000), duration: seconds(5, 15), seed },
  promptExpansionMode: z.enum(["disabled", "balanced", "quality"]).default("balanced"),
  resolution: z.enum(["480p", "768p"]).default("768p"),
};

export const TEXT_TO_VIDEO = [
  z.strictObject({ ...seedance2, references: references(9) }),
  z.strictObject({ ...seedance2Fast, references: references(9) }),
  z.strictObject({ ...seedance2Mini, references: references(9) }),
  z.strictObject({ ...seedance25, references: references(30) }),
  z.strictObject(hailuo3),
  z.strictObject(h3Max),
  z.strictObject({ ...wan3, ...wanText }),
  z.strictObject({ ...wan3Prime, ...wanText }),
  z.strictObject(omniFlash),
  z.strictObject(omniFlash11),
  z.strictObject({ ...grok, ratio: ratios("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3") }),
  z.strictObject({
    ...happyhorse,
    ratio: ratios(
      ...(["1280:720", "720:1280", "960:960", "1108:832", "832:1108"] as const),
      ...(["1920:1080", "1080:1920", "1440:1440", "1662:1248", "1248:1662"] as const),
    ),
  }),
] as const;

const optionalPrompt = anyPrompt.optional();
export const IMAGE_TO_VIDEO = [
  z.strictObject({ ...seedance2, promptText: seedance2.promptText.optional(), promptImage: firstAndLastFrame }),
  z.strictObject({ ...seedance2Fast, promptText: small.promptText.optional(), promptImage: firstAndLastFrame }),
  z.strictObject({ ...seedance2Mini, promptText: small.promptText.optional(), promptImage: firstAndLastFrame }),
  z.strictObject({ ...seedance25, promptText: seedance25.promptText.optional(), promptImage: firstAndLastFrame }),
  z.strictObject({ ...hailuo3, promptImage: firstAndLastFrame }),
  z.strictObject({ ...h3Max, promptImage: firstAndLastFrame }),
  z.strictObject({ ...wan3, ...wanFrames }),
  z.strictObject({ ...wan3Prime, ...wanFrames }),
  z.strictObject({ ...omniFlash, promptText: optionalPrompt, promptImage: firstFrame }),
  z.strictObject({ ...omniFlash11, promptImage: firstAndLastFrame }),
  z.strictObject({ ...grok, promptText: optionalPrompt, promptImage: firstFrame }),
  z.strictObject({
    ...happyhorse,
    promptText: happyhorse.promptText.optional(),
    promptImage: firstFrame,
    resolution: z.enum(["720p", "1080p"]).optional(),
  }),
] as const;

const RATIO = /^\d+:\d+$/;
/** Runway lists the ratios of each model; here any in pixels is taken, and the given words. */
const pixels = (...words: string[]) => z.string().refine((ratio) => RATIO.test(ratio) || words.includes(ratio));
const outputCount = z.int().min(1).max(10).optional();

export const TEXT_TO_IMAGE = [
  z.strictObject({ model: z.literal("gemini_image3_pro"), promptText: anyPrompt, ratio: pixels() }),
  z.strictObject({
    ...{ model: z.literal("gpt_image_2"), promptText: promptUpTo(32_000), ratio: pixels("auto"), outputCount },
    background: z.enum(["transparent", "opaque", "auto"]).optional(),
    quality: z.enum(["low", "medium", "high", "auto"]).default("high"),
  }),
  z.strictObject({
    ...{ model: z.literal("seedream5_pro"), promptText: promptUpTo(4000), ratio: pixels("auto_1k", "auto_2k") },
    grounding: z.boolean().default(false),
    outputFormat: z.enum(["png", "jpeg"]).default("png"),
  }),
  z.strictObject({
    ...{ model: z.literal("grok_imagine_image_2"), promptText: anyPrompt, ratio: pixels("auto_1k", "auto_2k") },
    quality: z.enum(["low", "medium"]).default("medium"),
  }),
  z.strictObject({
    ...{ model: z.literal("muse_image"), promptText: anyPrompt, ratio: pixels("auto") },
    outputFormat: z.enum(["webp", "png", "jpeg"]).default("png"),
  }),
] as const;
