import { isVideo, type PictureInput, type RunwayInput, type VideoInput } from "./models.js";

/** A credit is a US cent. */
export const MICRO_PER_CREDIT = 10_000;

/** Credits for one second of film, silent or with sound if the model makes sound. */
const PER_SECOND: Record<VideoInput["model"], { silent: number; audio?: number }> = {
  "gen4.5": { silent: 12 },
  gen4_turbo: { silent: 5 },
  "veo3.1": { silent: 20, audio: 40 },
  "veo3.1_fast": { silent: 10, audio: 15 },
};

/** Credits for a picture of up to 720 lines, and for a larger picture. */
const PER_PICTURE: Record<PictureInput["model"], { small: number; large: number }> = {
  gen4_image: { small: 5, large: 8 },
  gen4_image_turbo: { small: 2, large: 2 },
};
const SMALL_LINES = 720;

export function dimensionsOf(ratio: string): { width: number; height: number } {
  const [width = 0, height = 0] = ratio.split(":").map(Number);
  return { width, height };
}

function creditsOfPicture({ model, ratio }: PictureInput): number {
  const { width, height } = dimensionsOf(ratio);
  const { small, large } = PER_PICTURE[model];
  return Math.min(width, height) <= SMALL_LINES ? small : large;
}

/** The most that a task may charge. A task that succeeds charges exactly this. */
export function creditsOf(input: RunwayInput): number {
  if (!isVideo(input)) return creditsOfPicture(input);
  const { silent, audio = silent } = PER_SECOND[input.model];
  return input.duration * ("audio" in input && input.audio ? audio : silent);
}
