/** From a generic request to what this model will be asked for: variant, mapped duration and size, estimated cost. */
import { mapDuration } from "../domain/duration.js";
import { invalid } from "../domain/errors.js";
import type { PixelSize } from "../domain/request.js";
import { checkParams, type GivenParams, type UrlFault } from "./params.js";
import { costMicro, requestedUnits, unitPriceMicro } from "./price.js";
import type { CatalogueModel, Variant } from "./schema.js";
import { resolveSize, type WishedSize } from "./sizes.js";

export interface Plan {
  endpoint: string;
  /** Seconds, as billed and reported; null for images. */
  durationSeconds: number | null;
  /** Pixels; null when the model decides, or a param of its own does. */
  size: PixelSize | null;
  /** Outputs asked for; null when the model makes one and is not told. */
  count: number | null;
  estimatedCostMicro: number;
}

export interface Wish {
  prompt: string;
  imageUrl: string | null;
  durationSeconds: number;
  size: WishedSize | null;
  count: number;
  params: GivenParams;
}

/** Throws VALIDATION_ERROR, naming the field and what it takes, before anything is spent. */
export function plan(model: CatalogueModel, wish: Wish, urlFault: UrlFault): Plan {
  const variant = pickVariant(model, wish.imageUrl !== null);
  checkPrompt(variant, wish.prompt);
  const durationSeconds = pickDuration(model, wish.durationSeconds);
  checkParams(variant, wish.params, urlFault);
  const params = wish.params.values;
  const size = resolveSize(variant, wish.size, params);
  const count = pickCount(variant, wish.count);
  const units = requestedUnits(model, { variant, durationSeconds, size, count, params });
  const estimatedCostMicro = costMicro(units, unitPriceMicro(model, variant, params, size));
  return { endpoint: variant.endpoint, durationSeconds, size, count, estimatedCostMicro };
}

function pickVariant(model: CatalogueModel, hasImage: boolean): Variant {
  const variant = variantOf(model, hasImage);
  if (variant !== undefined) return variant;
  throw hasImage
    ? invalid("image_url", `${model.id} takes no image; leave image_url out.`, "none")
    : invalid("image_url", `${model.id} needs an image: set image_url to an https URL or a data: URI.`, "required");
}

/** How the model is asked with, or without, an image; undefined when it cannot be. */
export function variantOf(model: CatalogueModel, hasImage: boolean): Variant | undefined {
  return hasImage ? model.variants.image : model.variants.text;
}

function checkPrompt({ promptMaxLength }: Variant, prompt: string): void {
  if (promptMaxLength === undefined || prompt.length <= promptMaxLength) return;
  const message = `prompt may have at most ${promptMaxLength} characters for this model.`;
  throw invalid("prompt", message, { maximum: promptMaxLength });
}

function pickDuration(model: CatalogueModel, requestedSeconds: number): number | null {
  if (model.durationsSeconds.length === 0) return null;
  const mapped = mapDuration(requestedSeconds, model.durationsSeconds);
  if (mapped !== null) return mapped;
  const longest = Math.max(...model.durationsSeconds);
  const message = `duration_seconds may be at most ${longest} for ${model.id}.`;
  throw invalid("duration_seconds", message, model.durationsSeconds);
}

function pickCount({ count }: Variant, wished: number): number | null {
  const max = count?.max ?? 1;
  if (wished > max) throw invalid("num_images", `num_images may be at most ${max} for this model.`, { maximum: max });
  return count === undefined ? null : wished;
}
