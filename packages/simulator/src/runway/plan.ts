import type { Plan } from "../core/job.js";
import type { Simulation } from "../core/simulation.js";
import { pictureAt } from "../core/uploads.js";
import { type MediaSpec, seedOf } from "../media/spec.js";
import { creditsOf, dimensionsOf } from "./credits.js";
import { firstFrameOf } from "./images.js";
import { isVideo, type RunwayInput, VIDEO_SHAPES } from "./models.js";

async function specOf(input: RunwayInput, seed: number, simulation: Simulation): Promise<MediaSpec> {
  const prompt = input.promptText ?? "";
  if (!isVideo(input)) return { kind: "image", prompt, ...dimensionsOf(input.ratio), format: "png", seed };
  const uri = firstFrameOf(input);
  const image = uri === null ? null : await pictureAt(uri, simulation);
  return { kind: "video", prompt, seconds: input.duration, shapes: [VIDEO_SHAPES[input.ratio]], image };
}

export async function planOf(input: RunwayInput, simulation: Simulation): Promise<Plan> {
  const seed = seedOf(input.seed, input.promptText ?? "");
  return { kind: "media", specs: [await specOf(input, seed, simulation)], billableUnits: creditsOf(input), seed };
}
