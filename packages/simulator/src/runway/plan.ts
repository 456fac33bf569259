import type { Plan } from "../core/job.js";
import type { Simulation } from "../core/simulation.js";
import { pictureAt } from "../core/uploads.js";
import { nearestShape, SHAPES, type Shape } from "../media/shapes.js";
import { type MediaSpec, seedOf } from "../media/spec.js";
import { creditsOf, dimensionsOf, MICRO_PER_CREDIT } from "./credits.js";
import { isVideo, type RunwayInput } from "./models.js";

/** A picture in the input, and its path in the body. */
export interface InputImage {
  path: PropertyKey[];
  uri: string;
}

type ListedImage = { uri: string; position?: "first" | "last" };

const imagesIn = (field: string, images: readonly ListedImage[]): InputImage[] =>
  images.map(({ uri }, index) => ({ path: [field, index, "uri"], uri }));

/** Every picture and video in the input, also those that are not drawn. */
export function imagesOf(input: RunwayInput): InputImage[] {
  if ("videoUri" in input) return [{ path: ["videoUri"], uri: input.videoUri }];
  if ("character" in input) {
    return (["character", "reference"] as const).map((name) => ({ path: [name, "uri"], uri: input[name].uri }));
  }
  if ("references" in input) return imagesIn("references", input.references ?? []);
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

/** The shape that is drawn for a ratio. Without one, and for "adaptive" or "auto_720p", it is that of the picture. */
function shapesOf(ratio = "adaptive"): Shape[] {
  const { width, height } = dimensionsOf(ratio);
  const all = Object.keys(SHAPES) as Shape[];
  return ratio === "adaptive" || ratio.startsWith("auto_") ? all : [nearestShape(all, { width, height })];
}

const promptOf = (input: RunwayInput): string => ("promptText" in input ? (input.promptText ?? "") : "");

async function specOf(input: RunwayInput, seed: number, simulation: Simulation): Promise<MediaSpec> {
  const prompt = promptOf(input);
  if (!isVideo(input)) return { kind: "image", prompt, ...dimensionsOf(input.ratio), format: "png", seed };
  const ratio = "ratio" in input ? input.ratio : undefined;
  const uri = firstFrameOf(input);
  const image = uri === null ? null : await pictureAt(uri, simulation);
  return { kind: "video", prompt, seconds: input.duration, shapes: shapesOf(ratio), image };
}

export async function planOf(input: RunwayInput, simulation: Simulation): Promise<Plan> {
  const seed = seedOf("seed" in input ? input.seed : undefined, promptOf(input));
  const count = "outputCount" in input ? (input.outputCount ?? 1) : 1;
  const specs = await Promise.all(Array.from({ length: count }, (_, index) => specOf(input, seed + index, simulation)));
  return { kind: "media", specs, billableUnits: creditsOf(input), unitMicro: MICRO_PER_CREDIT, seed };
}
