/** What a generation costs by the catalogue. Integer micro-USD. */
import type { JsonValue, PixelSize } from "../domain/request.js";
import type { CatalogueModel, Variant } from "./schema.js";

type Params = Record<string, JsonValue>;

/** Micro-USD per unit for these params; a param left out counts as its default. */
export function unitPriceMicro(model: CatalogueModel, variant: Variant, params: Params): number {
  const matches = ([name, wanted]: [string, JsonValue]) => (params[name] ?? variant.params[name]?.default) === wanted;
  const rule = model.price.when.find((candidate) => Object.entries(candidate.params).every(matches));
  return rule?.micro ?? model.price.micro;
}

export interface Requested {
  variant: Variant;
  durationSeconds: number | null;
  size: PixelSize | null;
  count: number | null;
  params: Params;
}

/** Units a request asks for: seconds of video, megapixels, images or videos. */
export function requestedUnits(model: CatalogueModel, requested: Requested): number {
  const count = requested.count ?? 1;
  switch (model.price.unit) {
    case "second":
      return requested.durationSeconds ?? 0;
    case "megapixel":
      return count * megapixels(pixelSizeOf(requested));
    case "image":
    case "video":
      return count;
  }
}

/** fal's named sizes, in pixels. */
const NAMED_SIZES: Record<string, PixelSize> = {
  square_hd: { width: 1024, height: 1024 },
  square: { width: 512, height: 512 },
  portrait_4_3: { width: 768, height: 1024 },
  portrait_16_9: { width: 576, height: 1024 },
  landscape_4_3: { width: 1024, height: 768 },
  landscape_16_9: { width: 1024, height: 576 },
};
const ONE_MEGAPIXEL: PixelSize = { width: 1024, height: 1024 };

/** The size in pixels, whichever way it was asked for; about a megapixel where the model does not tell. */
export function pixelSizeOf({ variant, size, params }: Pick<Requested, "variant" | "size" | "params">): PixelSize {
  if (size !== null) return size;
  const [name, spec] = Object.entries(variant.params).find(([, one]) => one.type === "size") ?? [];
  const given = name === undefined ? undefined : (params[name] ?? spec?.default);
  if (typeof given === "string") return NAMED_SIZES[given] ?? ONE_MEGAPIXEL;
  const { width, height } = (given ?? ONE_MEGAPIXEL) as Partial<PixelSize>;
  return { width: Number(width), height: Number(height) };
}

/** Billed megapixels of one image: 1024 x 1024 pixels each, begun ones count whole. */
export function megapixels({ width, height }: PixelSize): number {
  return Math.ceil((width * height) / 1024 ** 2);
}

export function costMicro(units: number, unitMicro: number): number {
  return Math.round(units * unitMicro);
}
