/** What a model can be asked for, in words that are the same for every provider. */
import type { CatalogueModel, SizeSpec, Variant } from "./schema.js";

export interface ModelLimits {
  durationsSeconds: number[];
  /** As "16:9"; empty when the model takes any, or follows the image. */
  aspectRatios: string[];
  /** As "1080p", or "1024x1024" of a model that makes these sizes alone; empty when the model is not told. */
  resolutions: string[];
  imageInput: "none" | "optional" | "required";
}

/** Where a call with an image takes others, these are of a call without. */
export function modelLimits({ durationsSeconds, variants: { text, image } }: CatalogueModel): ModelLimits {
  const main = (text ?? image) as Variant;
  return {
    durationsSeconds,
    aspectRatios: [...new Set(aspectRatios(main))],
    resolutions: [...new Set(resolutions(main))],
    imageInput: image === undefined ? "none" : text === undefined ? "required" : "optional",
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

/** The usual names; pixels are often rounded, so a shape this close to one has its name. */
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
