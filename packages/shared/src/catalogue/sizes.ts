/** From the generic width and height to a size the model makes, and into the provider's words. */
import { invalid, type VisgateError } from "../domain/errors.js";
import type { PixelSize } from "../domain/request.js";
import type { SizeSpec, Variant } from "./schema.js";

export interface WishedSize extends PixelSize {
  /** False when it is only our default, which gives way to a size named by a model param. */
  given: boolean;
}

/** Two shapes this close are the same: 1024x1024 and 1000x1024, not 16:9 and 3:2. */
const SHAPE_TOLERANCE = 0.03;
const MIN_SIDE = 64;

/** The size that will be asked for; null when the model is not told one, or a param of its own tells it. */
export function resolveSize(variant: Variant, wished: WishedSize | null, params: object): PixelSize | null {
  const spec = variant.size;
  if (wished === null) return null;
  if (spec === undefined) {
    if (!wished.given) return null;
    throw invalid("width", "This model takes no width and height.", []);
  }
  const ownParam = paramOf(variant, spec);
  if (ownParam !== null && Object.hasOwn(params, ownParam)) {
    if (!wished.given) return null;
    throw invalid("width", `Give either width and height or ${ownParam}, not both.`);
  }
  return fit(spec, wished);
}

/** The param by which a caller names the size in the provider's own way. */
function paramOf({ params }: Variant, spec: SizeSpec): string | null {
  if (spec.as === "fields") return null;
  return Object.entries(params).find(([name, { field }]) => (field ?? name) === spec.field)?.[0] ?? null;
}

function fit(spec: SizeSpec, { width, height }: PixelSize): PixelSize {
  switch (spec.as) {
    case "object":
      if (Math.min(width, height) < MIN_SIDE || width * height > spec.maxPixels) throw tooLarge(spec.maxPixels);
      return { width, height };
    case "fields":
      for (const [field, pixels] of Object.entries({ width, height })) checkSide(spec, field, pixels);
      return { width, height };
    case "listed":
      return fitListed(spec.sizes, { width, height });
  }
}

function tooLarge(maxPixels: number): VisgateError {
  const message = `width and height must be at least ${MIN_SIDE} each, and at most ${maxPixels} pixels together.`;
  return invalid("width", message, { minimum: MIN_SIDE, maximum_pixels: maxPixels });
}

function checkSide(spec: Extract<SizeSpec, { as: "fields" }>, field: string, pixels: number): void {
  const { min, max, multipleOf } = spec;
  if (pixels >= min && pixels <= max && pixels % multipleOf === 0) return;
  const step = multipleOf === 1 ? "" : ` in steps of ${multipleOf}`;
  const allowed = { minimum: min, maximum: max, multiple_of: multipleOf };
  throw invalid(field, `${field} must be from ${min} to ${max}${step}.`, allowed);
}

/** Of those with the same shape, the one with the nearest count of pixels. */
function fitListed(sizes: readonly PixelSize[], wished: PixelSize): PixelSize {
  const shape = ({ width, height }: PixelSize) => Math.log(width / height);
  const gap = (size: PixelSize) => Math.abs(Math.log((size.width * size.height) / (wished.width * wished.height)));
  const [best] = sizes
    .filter((size) => Math.abs(shape(size) - shape(wished)) < SHAPE_TOLERANCE)
    .sort((a, b) => gap(a) - gap(b));
  if (best !== undefined) return { width: best.width, height: best.height };
  const allowed = sizes.map(({ width, height }) => `${width}x${height}`);
  throw invalid("width", `width and height must have the shape of one of ${allowed.join(", ")}.`, allowed);
}

/** The fields by which the provider is told `size`. */
export function sizeFields(spec: SizeSpec | undefined, size: PixelSize | null): Record<string, unknown> {
  if (spec === undefined || size === null) return {};
  const { width, height } = size;
  switch (spec.as) {
    case "object":
      return { [spec.field]: { width, height } };
    case "fields":
      return { [spec.width]: width, [spec.height]: height };
    case "listed": {
      const listed = spec.sizes.find((one) => one.width === width && one.height === height);
      return listed === undefined ? {} : { [spec.field]: listed.value };
    }
  }
}
