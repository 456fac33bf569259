/**
 * OpenAI's `size`, as 1280x720, in the params that a model has for it: pixels, or a shape (16:9) and a resolution
 * (720p). The shape must be one that the model makes; of its resolutions the nearest is taken.
 */
import type { Variant } from "@visgate/shared/catalogue";
import { invalid } from "@visgate/shared/errors";
import type { JsonValue, PixelSize } from "@visgate/shared/request";
import { isInPixels } from "../frame.js";

/** What a request shows when its params do not say the pixels. */
const OF_THE_MODEL = "auto";
/** Shapes that differ less count as the same: OpenAI's 1792x1024 is 16:9. */
const SHAPE_TOLERANCE = 0.03;
const LINES_OF_K: Record<string, number> = { "2": 1440, "4": 2160, "8": 4320 };

type Params = Record<string, JsonValue>;

/** One size that the model makes. `isExact`: else `size` is only its shape, because the model decides the pixels. */
interface Choice {
  params: Record<string, string>;
  size: PixelSize;
  isExact: boolean;
}

/** `given`: the other params of the call. @throws VisgateError VALIDATION_ERROR on `size`, with what the model takes */
export function sizeToParams(variant: Variant, size: string, given: object): Params {
  const wanted = pairOf(size, "x");
  const choices = choicesOf(variant);
  const found = hasFreeSize(variant) ? { size } : wanted === null ? undefined : nearest(choices, wanted)?.params;
  if (wanted === null || found === undefined) throw refused(choices, wanted);
  const twin = choices.flatMap(({ params }) => Object.keys(params)).find((name) => Object.hasOwn(given, name));
  if (twin !== undefined) throw invalid("size", `Give either size or ${twin}, not both.`);
  return found;
}

function refused(choices: readonly Choice[], wanted: PixelSize | null) {
  const sizes = choices.map(nameOf);
  if (wanted === null) return invalid("size", "size must be the width and the height in pixels, as 1280x720.", sizes);
  if (sizes.length === 0) return invalid("size", "This model takes no size; leave size out.", sizes);
  return invalid("size", `size must have the shape of one of ${sizes.join(", ")} for this model.`, sizes);
}

/** As 1280x720; `auto` when the model decides. */
export function sizeOfRequest(variant: Variant, params: Params): string {
  if (hasFreeSize(variant)) return String(params["size"] ?? variant.params["size"]?.default ?? OF_THE_MODEL);
  const defaults = Object.fromEntries(Object.entries(variant.params).map(([name, spec]) => [name, spec.default]));
  const choices = choicesOf(variant);
  // What was given comes first: a default of another name of the same field does not count then.
  const chosen = choices.find(isIn(params)) ?? choices.find(isIn({ ...defaults, ...params }));
  return chosen?.isExact ? nameOf(chosen) : OF_THE_MODEL;
}

const isIn =
  (params: Record<string, unknown>) =>
  (choice: Choice): boolean =>
    Object.entries(choice.params).every(([name, value]) => params[name] === value);

/** The model has a param `size` that takes any text. */
function hasFreeSize({ params }: Variant): boolean {
  const spec = params["size"];
  return spec?.type === "string" && spec.values === undefined;
}

function choicesOf(variant: Variant): Choice[] {
  const pixels = valuesOf(variant, pixelsIn).map(({ name, value, meaning }) => ({
    params: { [name]: value },
    size: meaning,
    isExact: true,
  }));
  if (pixels.length > 0) return pixels;
  const resolutions = valuesOf(variant, linesIn);
  return valuesOf(variant, shapeIn).flatMap((shape): Choice[] => {
    const params = { [shape.name]: shape.value };
    if (resolutions.length === 0) return [{ params, size: shape.meaning, isExact: false }];
    return resolutions.map(({ name, value, meaning }) => ({
      params: { ...params, [name]: value },
      size: withLines(shape.meaning, meaning),
      isExact: true,
    }));
  });
}

/** The values of all params that mean such a thing, by their own name or by the provider's. */
function valuesOf<Meaning>({ params }: Variant, meaningOf: (text: string) => Meaning | null) {
  return Object.entries(params).flatMap(([name, spec]) => {
    const values = spec.type === "string" ? (spec.values ?? []) : [];
    return values.flatMap((value) => {
      const meaning = meaningOf((spec.type === "string" ? spec.map?.[value] : undefined) ?? value);
      return meaning === null ? [] : [{ name, value, meaning }];
    });
  });
}

function pairOf(text: string, separators: string): PixelSize | null {
  const [, width, height] = new RegExp(`^(\\d{1,5})[${separators}](\\d{1,5})$`).exec(text) ?? [];
  return Number(width) > 0 && Number(height) > 0 ? { width: Number(width), height: Number(height) } : null;
}

function pixelsIn(text: string): PixelSize | null {
  const pair = pairOf(text, "x*:");
  return pair !== null && isInPixels(pair) ? pair : null;
}

function shapeIn(text: string): PixelSize | null {
  const pair = pairOf(text, ":");
  return pair !== null && !isInPixels(pair) ? pair : null;
}

/** The shorter side of 720p, 4k and the like. */
function linesIn(text: string): number | null {
  const [, lines, k = ""] = /^(?:(\d{3,4})p|([248])k)$/i.exec(text) ?? [];
  return lines === undefined ? (LINES_OF_K[k] ?? null) : Number(lines);
}

function withLines({ width, height }: PixelSize, lines: number): PixelSize {
  const long = 2 * Math.round((lines * Math.max(width, height)) / Math.min(width, height) / 2);
  return width >= height ? { width: long, height: lines } : { width: lines, height: long };
}

function nearest(choices: readonly Choice[], wanted: PixelSize): Choice | undefined {
  const shape = Math.log(wanted.width / wanted.height);
  const gap = ({ size }: Choice) => Math.abs(Math.log((size.width * size.height) / (wanted.width * wanted.height)));
  return choices
    .filter(({ size }) => Math.abs(Math.log(size.width / size.height) - shape) < SHAPE_TOLERANCE)
    .toSorted((a, b) => gap(a) - gap(b))[0];
}

const nameOf = ({ size: { width, height }, isExact }: Choice) => `${width}${isExact ? "x" : ":"}${height}`;
