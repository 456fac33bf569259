/** Maps the generic width, height and duration to what the model makes, and to the provider's fields. */
import { invalid, type VisgateError } from "../errors.js";
import type { JsonValue, PixelSize } from "../request/record.js";
import type { SizeSpec, Variant } from "./schema.js";

export interface RequestedSize extends PixelSize {
  /** False for our default, which a size in a model param replaces. */
  given: boolean;
}

/** The width and height of an image when the caller names none, in pixels. */
export const DEFAULT_SIDE = 1024;

/** Shapes that differ less count as the same: 1024x1024 and 1000x1024 do, 16:9 and 3:2 do not. */
const SHAPE_TOLERANCE = 0.03;
const MIN_SIDE = 64;

/** The size to ask for; null when the model takes none, or a model param names it. */
export function resolveSize(variant: Variant, requested: RequestedSize | null, params: object): PixelSize | null {
  const spec = variant.size;
  if (requested === null) return null;
  if (spec === undefined) {
    if (!requested.given) return null;
    throw invalid("width", "This model takes no width and height.", []);
  }
  const ownParam = sizeParams(variant, spec).find((name) => Object.hasOwn(params, name));
  if (ownParam === undefined) return requested.given ? fit(spec, requested) : fitDefault(spec, requested);
  if (!requested.given) return null;
  throw invalid("width", `Give either width and height or ${ownParam}, not both.`);
}

/** The model params that name a size in the provider's words. */
function sizeParams({ params }: Variant, spec: SizeSpec): string[] {
  const sizeField = spec.as === "fields" ? spec.mode?.field : spec.field;
  return Object.entries(params).flatMap(([name, { field }]) => ((field ?? name) === sizeField ? [name] : []));
}

function fit(spec: SizeSpec, requested: PixelSize): PixelSize {
  if (spec.as !== "listed") {
    const fault = pixelFault(spec, requested);
    if (fault !== null) throw fault;
    return { width: requested.width, height: requested.height };
  }
  const listed = sameShape(spec.sizes, requested);
  if (listed !== undefined) return { width: listed.width, height: listed.height };
  const allowed = spec.sizes.map(({ width, height }) => `${width}x${height}`);
  throw invalid("width", `width and height must have the shape of one of ${allowed.join(", ")}.`, allowed);
}

/** The caller did not ask for our default, so it never causes an error: a model that cannot make it uses its own. */
function fitDefault(spec: SizeSpec, requested: PixelSize): PixelSize | null {
  if (spec.as !== "listed") return pixelFault(spec, requested) === null ? fit(spec, requested) : null;
  const { width, height } = sameShape(spec.sizes, requested) ?? (spec.sizes[0] as ListedSize);
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

/** The exact size if it is listed, else the size of the same shape with the nearest number of pixels. */
function sameShape(sizes: readonly ListedSize[], requested: PixelSize): ListedSize | undefined {
  const exact = sizes.find(({ width, height }) => width === requested.width && height === requested.height);
  if (exact !== undefined) return exact;
  const shape = Math.log(requested.width / requested.height);
  const gap = (size: PixelSize) =>
    Math.abs(Math.log((size.width * size.height) / (requested.width * requested.height)));
  const [best] = sizes
    .filter((size) => Math.abs(Math.log(ratioOf(size)) - shape) < SHAPE_TOLERANCE)
    .sort((a, b) => gap(a) - gap(b));
  return best;
}

function ratioOf({ value, width, height }: ListedSize): number {
  const named = /^(\d+):(\d+)$/.exec(value);
  return named === null ? width / height : Number(named[1]) / Number(named[2]);
}

/** The provider's fields for `size`. */
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

const TOLERANCE_SECONDS = 0.01;

/** The shortest allowed duration that is not shorter than the requested one; null above the longest. Seconds. */
export function mapDuration(requestedSeconds: number, allowedSeconds: readonly number[]): number | null {
  const fitting = allowedSeconds.filter((seconds) => seconds >= requestedSeconds - TOLERANCE_SECONDS);
  return fitting.length === 0 ? null : Math.min(...fitting);
}
