/** What a generation costs by the catalogue. Integer micro-USD. */
import type { JsonValue } from "../domain/request.js";
import type { CatalogueModel, Variant } from "./schema.js";

/** Micro-USD per unit for these params; a param left out counts as its default. */
export function unitPriceMicro(model: CatalogueModel, variant: Variant, params: Record<string, JsonValue>): number {
  const rule = model.price.when.find((candidate) => {
    const spec = variant.params[candidate.param];
    return (params[candidate.param] ?? spec?.default) === candidate.equals;
  });
  return rule?.micro ?? model.price.micro;
}

/** Units a request asks for: seconds of video, megapixels or images. */
export function requestedUnits(
  model: CatalogueModel,
  durationSeconds: number | null,
  params: Record<string, JsonValue>,
): number {
  const images = typeof params["num_images"] === "number" ? params["num_images"] : 1;
  if (model.price.unit === "second") return durationSeconds ?? 0;
  return model.price.unit === "image" ? images : images * megapixels(params["image_size"]);
}

/** fal's named sizes, in pixels. */
const NAMED_SIZES: Record<string, number> = {
  square_hd: 1024 * 1024,
  square: 512 * 512,
  portrait_4_3: 768 * 1024,
  portrait_16_9: 576 * 1024,
  landscape_4_3: 1024 * 768,
  landscape_16_9: 1024 * 576,
};

/** Billed megapixels of one image: 1024 x 1024 pixels each, begun ones count whole. */
function megapixels(size: JsonValue | undefined): number {
  return Math.ceil(pixels(size ?? "landscape_4_3") / 1024 ** 2);
}

function pixels(size: JsonValue): number {
  if (typeof size === "string") return NAMED_SIZES[size] ?? 1024 ** 2;
  if (size === null || typeof size !== "object" || Array.isArray(size)) return 1024 ** 2;
  return Number(size["width"]) * Number(size["height"]);
}

export function costMicro(units: number, unitMicro: number): number {
  return Math.round(units * unitMicro);
}
