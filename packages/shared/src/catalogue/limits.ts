/** What a model takes, in the same words for every provider. */
import { mainVariant, takenInputs } from "./inputs.js";
import type { CatalogueModel, SizeSpec, Variant } from "./schema.js";

export interface ModelLimits {
  durationsSeconds: number[];
  /** As "16:9"; empty when the model takes any, or follows the image. */
  aspectRatios: string[];
  /** As "1080p", or as "1024x1024" for a model that makes only these sizes; empty when the model takes none. */
  resolutions: string[];
  /** A first image. */
  imageInput: "none" | "optional" | "required";
  /** All images, videos and sounds that it takes, by role. */
  inputs: ReturnType<typeof takenInputs>;
  /** Whether the model takes a negative_prompt. */
  negativePrompt: boolean;
}

/** If calls with and without an image take different values, these are the values without an image. */
export function modelLimits(model: CatalogueModel): ModelLimits {
  const main = mainVariant(model);
  const inputs = takenInputs(model);
  const first = inputs.find(({ role }) => role === "first");
  return {
    durationsSeconds: model.durationsSeconds,
    aspectRatios: [...new Set(aspectRatios(main))],
    resolutions: [...new Set(resolutions(main))],
    imageInput: first === undefined ? "none" : first.required ? "required" : "optional",
    inputs,
    negativePrompt: Object.hasOwn(main.params, "negative_prompt"),
  };
}

function aspectRatios(variant: Variant): string[] {
  const named = valuesOf(variant, "aspect_ratio");
  return named.length > 0 ? named : listedSizes(variant.size).map(({ width, height }) => ratioName(width, height));
}

function resolutions(variant: Variant): string[] {
  const sizes = listedSizes(variant.size).map(({ width, height }) => `${width}x${height}`);
  return [...valuesOf(variant, "resolution"), ...sizes];
}

const listedSizes = (size: SizeSpec | undefined) => (size?.as === "listed" ? size.sizes : []);

function valuesOf({ params }: Variant, name: string): string[] {
  const spec = Object.hasOwn(params, name) ? params[name] : undefined;
  return spec?.type === "string" ? (spec.values ?? []) : [];
}

/** The usual names. Pixels are often rounded, so a shape that is this close to a usual one gets its name. */
const USUAL = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "21:9", "9:21"];
const TOLERANCE = 0.03;

export function ratioName(width: number, height: number): string {
  const gap = (name: string) => {
    const [w = 1, h = 1] = name.split(":").map(Number);
    return Math.abs(Math.log(width / height / (w / h)));
  };
  const [nearest = ""] = USUAL.toSorted((a, b) => gap(a) - gap(b));
  if (gap(nearest) < TOLERANCE) return nearest;
  const divisor = greatestCommonDivisor(width, height);
  return `${width / divisor}:${height / divisor}`;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
