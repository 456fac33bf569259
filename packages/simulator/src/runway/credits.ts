import { isVideo, type PictureInput, type RunwayInput, type VideoInput } from "./models.js";

/** What the simulator takes for a second of film, or for a picture, when Runway's price is not known. */
const UNKNOWN = 1;

/** A credit is a US cent. */
export const MICRO_PER_CREDIT = 10_000;

/** Credits for one second of film, silent or with sound if the model makes sound. */
const PER_SECOND: Partial<Record<VideoInput["model"], { silent: number; audio?: number }>> = {
  "gen4.5": { silent: 12 },
  gen4_turbo: { silent: 5 },
  "veo3.1": { silent: 20, audio: 40 },
  "veo3.1_fast": { silent: 10, audio: 15 },
  seedance2_fast: { silent: 29 },
  seedance2_mini: { silent: 16 },
  gemini_omni_flash: { silent: 10 },
  aleph2: { silent: 28 },
};

/** Models that cost more for more lines. The lines of a film are the shorter side of its ratio, if that is in pixels. */
function creditsByLines(input: VideoInput): number | null {
  const { width, height } = dimensionsOf("ratio" in input ? input.ratio : undefined);
  const pixels = width * height;
  switch (input.model) {
    case "seedance2":
      return pixels > 2560 * 1440 ? 150 : pixels > HD_PIXELS ? 40 : 36;
    case "seedance2_5":
      return pixels > HD_PIXELS ? 68 : pixels > SD_PIXELS ? 30 : 20;
    case "hailuo3":
      return input.resolution === "2k" ? 15 : 10;
    case "h3_max":
      return input.resolution === "480p" ? 5 : 8;
    case "wan3":
      return ofTier(input.ratio, [5, 10, 20]);
    case "wan3_prime":
      return ofTier(input.ratio, [6.8, 14, 28]);
    default:
      return null;
  }
}
/** The most pixels of a ratio of the 720p tier, and of the 480p tier. */
const HD_PIXELS = 1470 * 630;
const SD_PIXELS = 992 * 432;

/** The lines of a ratio like "auto_480p" are in its name. */
const LINES = /^auto_(\d+)p$/;
/** One of three prices, for ratios of 480, 720 and 1080 lines. */
function ofTier(ratio = "auto_720p", [small, middle, large]: readonly [number, number, number]): number {
  const named = LINES.exec(ratio)?.[1];
  const { width, height } = dimensionsOf(ratio);
  const pixels = named === undefined ? width * height : (Number(named) ** 2 * 16) / 9;
  return pixels > HD_PIXELS ? large : pixels > SD_PIXELS ? middle : small;
}

/** Credits for a picture of up to 720 lines, and for a larger picture. */
const PER_PICTURE: Partial<Record<PictureInput["model"], { small: number; large: number }>> = {
  gen4_image: { small: 5, large: 8 },
  gen4_image_turbo: { small: 2, large: 2 },
  muse_image: { small: 1, large: 1 },
};
const SMALL_LINES = 720;

/** A ratio that leaves the size to the model, as "auto", is a square here. */
export function dimensionsOf(ratio = "auto"): { width: number; height: number } {
  const [width = Number.NaN, height = Number.NaN] = ratio.split(":").map(Number);
  return Number.isNaN(width + height) ? { width: 1024, height: 1024 } : { width, height };
}

function creditsOfPicture(input: PictureInput): number {
  const { width, height } = dimensionsOf(input.ratio);
  const { small, large } = PER_PICTURE[input.model] ?? { small: UNKNOWN, large: UNKNOWN };
  const count = "outputCount" in input ? (input.outputCount ?? 1) : 1;
  return count * (Math.min(width, height) <= SMALL_LINES ? small : large);
}

/** The most that a task may charge. A task that succeeds charges exactly this. */
export function creditsOf(input: RunwayInput): number {
  if (!isVideo(input)) return creditsOfPicture(input);
  const byLines = creditsByLines(input);
  if (byLines !== null) return input.duration * byLines;
  const { silent, audio = silent } = PER_SECOND[input.model] ?? { silent: UNKNOWN };
  return input.duration * ("audio" in input && input.audio ? audio : silent);
}
