/**
 * The shape and size of an output, which other APIs ask for with one field: "16:9", "1280:720" or "1280x720". Models
 * take them as a ratio, an aspect ratio with a resolution, or a width and a height.
 */
import {
  type CatalogueModel,
  mainVariant,
  ratioName,
  resolveSize,
  type Variant,
  variantOf,
} from "@visgate/shared/catalogue";
import { invalid, VisgateError } from "@visgate/shared/errors";
import type { Asked } from "./dialect.js";

export interface Frame {
  width: number;
  height: number;
}

/** Smaller numbers are a shape, as 16:9. */
const MIN_PIXELS = 64;
/** The pixels of an image that is asked for by its shape alone. */
const USUAL_PIXELS = 1024 * 1024;
const STEP = 16;

/** @throws VisgateError VALIDATION_ERROR when the text is neither a shape nor a size */
export function readFrame(text: string, field: string): Frame {
  const [, width, height] = /^(\d{1,5})[:x](\d{1,5})$/.exec(text) ?? [];
  if (Number(width) > 0 && Number(height) > 0) return { width: Number(width), height: Number(height) };
  throw invalid(field, `${field} must be two numbers, as 16:9 or 1280:720.`, "width:height");
}

export const isInPixels = ({ width, height }: Frame): boolean => Math.min(width, height) >= MIN_PIXELS;

interface Place {
  hasImage: boolean;
  /** Of the caller's body, for errors. */
  field: string;
}

/** What the model takes for this frame. @throws VisgateError VALIDATION_ERROR with the frames that it makes */
export function frameOf(
  model: CatalogueModel,
  frame: Frame,
  { hasImage, field }: Place,
): Pick<Asked, "params" | "size"> {
  const variant = variantOf(model, hasImage) ?? mainVariant(model);
  const { width, height } = frame;
  const [ratios, shapes, resolutions] = ["ratio", "aspect_ratio", "resolution"].map((name) => valuesOf(variant, name));
  const [shape, resolution] = [ratioName(width, height), `${Math.min(width, height)}p`];
  if (isInPixels(frame)) {
    if (ratios?.includes(`${width}:${height}`)) return { params: { ratio: `${width}:${height}` } };
    if (ratios?.length) throw oneOf(field, ratios);
    if (variant.size !== undefined) return { size: checked(variant, frame, field) };
    const takesSize = !resolutions?.length || resolutions.includes(resolution);
    if (shapes?.includes(shape) && takesSize) {
      return { params: { aspect_ratio: shape, ...(resolutions?.length ? { resolution } : {}) } };
    }
    throw notMade(model, field, shapes, resolutions);
  }
  if (shapes?.includes(shape)) return { params: { aspect_ratio: shape } };
  if (variant.size !== undefined && !shapes?.length) return { size: checked(variant, pixelsOf(frame), field) };
  throw notMade(model, field, [...(ratios ?? []), ...(shapes ?? [])]);
}

function valuesOf({ params }: Variant, name: string): string[] {
  const spec = Object.hasOwn(params, name) ? params[name] : undefined;
  return spec?.type === "string" ? (spec.values ?? []) : [];
}

function checked(variant: Variant, frame: Frame, field: string): Frame {
  try {
    resolveSize(variant, { ...frame, given: true }, {});
    return frame;
  } catch (error) {
    if (!(error instanceof VisgateError)) throw error;
    throw invalid(field, `${field}: ${error.message}`, error.details["allowed"]);
  }
}

function pixelsOf({ width, height }: Frame): Frame {
  const factor = Math.sqrt(USUAL_PIXELS / (width * height)) / STEP;
  return { width: Math.round(width * factor) * STEP, height: Math.round(height * factor) * STEP };
}

const oneOf = (field: string, values: string[]) =>
  invalid(field, `${field} must be one of ${values.join(", ")}.`, values);

function notMade({ id }: CatalogueModel, field: string, shapes: string[] = [], resolutions: string[] = []) {
  if (shapes.length === 0) return invalid(field, `${id} takes no ${field}; leave ${field} out.`, []);
  const sizes = resolutions.length === 0 ? "" : ` in ${resolutions.join(" or ")}`;
  return invalid(field, `${field}: ${id} makes ${shapes.join(", ")}${sizes}.`, shapes);
}
