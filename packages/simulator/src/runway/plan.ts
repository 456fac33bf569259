import type { Plan } from "../core/job.js";
import type { Simulation } from "../core/simulation.js";
import { pictureAt } from "../core/uploads.js";
import { type MediaSpec, seedOf } from "../media/spec.js";
import { creditsOf, dimensionsOf, MICRO_PER_CREDIT } from "./credits.js";
import { isVideo, type RunwayInput, VIDEO_SHAPES } from "./models.js";

/** A picture in the input, and its path in the body. */
export interface InputImage {
  path: PropertyKey[];
  uri: string;
}

type ListedImage = { uri: string; position?: "first" | "last" };

const imagesIn = (field: string, images: readonly ListedImage[]): InputImage[] =>
  images.map(({ uri }, index) => ({ path: [field, index, "uri"], uri }));

/** Every picture in the input, also those that are not drawn. */
export function imagesOf(input: RunwayInput): InputImage[] {
  if ("referenceImages" in input) return imagesIn("referenceImages", input.referenceImages ?? []);
  if (!("promptImage" in input)) return [];
  const { promptImage } = input;
  return typeof promptImage === "string"
    ? [{ path: ["promptImage"], uri: promptImage }]
    : imagesIn("promptImage", promptImage);
}

/** The picture that is drawn. A last frame and reference pictures are validated, but not drawn. */
function firstFrameOf(input: RunwayInput): string | null {
  if (!("promptImage" in input)) return null;
  const { promptImage } = input;
  if (typeof promptImage === "string") return promptImage;
  const frames: readonly ListedImage[] = promptImage;
  return frames.find(({ position }) => position === "first")?.uri ?? null;
}

async function specOf(input: RunwayInput, seed: number, simulation: Simulation): Promise<MediaSpec> {
  const prompt = input.promptText ?? "";
  if (!isVideo(input)) return { kind: "image", prompt, ...dimensionsOf(input.ratio), format: "png", seed };
  const uri = firstFrameOf(input);
  const image = uri === null ? null : await pictureAt(uri, simulation);
  return { kind: "video", prompt, seconds: input.duration, shapes: [VIDEO_SHAPES[input.ratio]], image };
}

export async function planOf(input: RunwayInput, simulation: Simulation): Promise<Plan> {
  const seed = seedOf(input.seed, input.promptText ?? "");
  const specs = [await specOf(input, seed, simulation)];
  return { kind: "media", specs, billableUnits: creditsOf(input), unitMicro: MICRO_PER_CREDIT, seed };
}
