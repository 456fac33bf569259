/** From the generic width and height to a size the model makes, and into the provider's words. */
import { invalid, type VisgateError } from "../errors.js";
import type { JsonValue, PixelSize } from "../request/record.js";
import type { SizeSpec, Variant } from "./schema.js";

export interface RequestedSize extends PixelSize {
  /** False when it is only our default, which gives way to a size named by a model param. */
  given: boolean;
}

/** Two shapes this close are the same: 1024x1024 and 1000x1024, not 16:9 and 3:2. */
const SHAPE_TOLERANCE = 0.03;
const MIN_SIDE = 64;

/** The size that will be asked for; null when the model is not told one, or a param of its own tells it. */
export function resolveSize(variant: Variant, wished: RequestedSize | null, params: object): PixelSize | null {
  const spec = variant.size;
  if (wished === null) return null;
  if (spec === undefined) {
    if (!wished.given) return null;
    throw invalid("width", "This model takes no width and height.", []);
  }
  const ownParam = sizeParams(variant, spec).find((name) => Object.hasOwn(params, name));
  if (ownParam === undefined) return wished.given ? fit(spec, wished) : fitDefault(spec, wished);
  if (!wished.given) return null;
  throw invalid("width", `Give either width and height or ${ownParam}, not both.`);
}

/** The params by which a caller names the size in the provider's own way. */
function sizeParams({ params }: Variant, spec: SizeSpec): string[] {
  const sizeField = spec.as === "fields" ? spec.mode?.field : spec.field;
  return Object.entries(params).flatMap(([name, { field }]) => ((field ?? name) === sizeField ? [name] : []));
}

function fit(spec: SizeSpec, wished: PixelSize): PixelSize {
  if (spec.as !== "listed") {
    const fault = pixelFault(spec, wished);
    if (fault !== null) throw fault;
    return { width: wished.width, height: wished.height };
  }
  const listed = sameShape(spec.sizes, wished);
  if (listed !== undefined) return { width: listed.width, height: listed.height };
  const allowed = spec.sizes.map(({ width, height }) => `${width}x${height}`);
  throw invalid("width", `width and height must have the shape of one of ${allowed.join(", ")}.`, allowed);
}

/** Nobody asked for our default, so it is refused to nobody: a model that cannot make it takes its own. */
function fitDefault(spec: SizeSpec, wished: PixelSize): PixelSize | null {
  if (spec.as !== "listed") return pixelFault(spec, wished) === null ? fit(spec, wished) : null;
  const { width, height } = sameShape(spec.sizes, wished) ?? (spec.sizes[0] as ListedSize);
  return { width, height };
}

function pixelFault(spec: Exclude<SizeSpec, { as: "listed" }>, { width, height }: PixelSize): VisgateError | null {
  if (spec.as === "fields") return sideFault(spec, "width", width) ?? sideFault(spec, "height", height);
  if (Math.min(width, height) >= MIN_SIDE && width * height <= spec.maxPixels) return null;
  const message = `width and height must be at least ${MIN_SIDE} each, and at most ${spec.maxPixels} pixels together.`;
  return invalid("width", message, { minimum: MIN_SIDE, maximum_pixels: spec.maxPixels });
}

function sideFault(spec: Extract<SizeSpec, { as: "fields" }>, field: string, pixels: number): VisgateError | null {
  const { min, max, multipleOf } = spec;
  if (pixels >= min && pixels <= max && pixels % multipleOf === 0) return null;
  const step = multipleOf === 1 ? "" : ` in steps of ${multipleOf}`;
  const allowed = { minimum: min, maximum: max, multiple_of: multipleOf };
  return invalid(field, `${field} must be from ${min} to ${max}${step}.`, allowed);
}

type ListedSize = Extract<SizeSpec, { as: "listed" }>["sizes"][number];

/** The very size, or of those with the same shape the one with the nearest count of pixels. */
function sameShape(sizes: readonly ListedSize[], wished: PixelSize): ListedSize | undefined {
  const exact = sizes.find(({ width, height }) => width === wished.width && height === wished.height);
  if (exact !== undefined) return exact;
  const shape = Math.log(wished.width / wished.height);
  const gap = (size: PixelSize) => Math.abs(Math.log((size.width * size.height) / (wished.width * wished.height)));
  const [best] = sizes
    .filter((size) => Math.abs(Math.log(ratioOf(size)) - shape) < SHAPE_TOLERANCE)
    .sort((a, b) => gap(a) - gap(b));
  return best;
}

function ratioOf({ value, width, height }: ListedSize): number {
  const named = /^(\d+):(\d+)$/.exec(value);
  return named === null ? width / height : Number(named[1]) / Number(named[2]);
}

/** The fields by which the provider is told `size`. */
export function sizeFields(spec: SizeSpec | undefined, size: PixelSize | null): Record<string, JsonValue> {
  if (spec === undefined || size === null) return {};
  const { width, height } = size;
  switch (spec.as) {
    case "object":
      return { [spec.field]: { width, height } };
    case "fields": {
      const mode: Record<string, JsonValue> = spec.mode === undefined ? {} : { [spec.mode.field]: spec.mode.value };
      return { ...mode, [spec.width]: width, [spec.height]: height };
    }
    case "listed": {
      const listed = spec.sizes.find((one) => one.width === width && one.height === height);
      return listed === undefined ? {} : { [spec.field]: listed.value };
    }
  }
}
