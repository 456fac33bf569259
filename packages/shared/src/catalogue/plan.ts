/** From a generic request to what this model will be asked for: variant, mapped duration, estimated cost. */
import { mapDuration } from "../domain/duration.js";
import { invalid } from "../domain/errors.js";
import type { GenerationInput } from "../domain/request.js";
import { checkParams, type GivenParams } from "./params.js";
import { costMicro, requestedUnits, unitPriceMicro } from "./price.js";
import type { CatalogueModel, Variant } from "./schema.js";

export interface Plan {
  endpoint: string;
  /** Seconds, as billed and reported; null for images. */
  durationSeconds: number | null;
  estimatedCostMicro: number;
}

export interface Wish {
  hasImage: boolean;
  durationSeconds: number;
  params: GivenParams;
}

/** Throws VALIDATION_ERROR, naming the field and what it takes, before anything is spent. */
export function plan(model: CatalogueModel, wish: Wish): Plan {
  const variant = pickVariant(model, wish.hasImage);
  const durationSeconds = pickDuration(model, wish.durationSeconds);
  checkParams(variant, wish.params);
  const units = requestedUnits(model, durationSeconds, wish.params.values);
  const unitMicro = unitPriceMicro(model, variant, wish.params.values);
  return { endpoint: variant.endpoint, durationSeconds, estimatedCostMicro: costMicro(units, unitMicro) };
}

function pickVariant(model: CatalogueModel, hasImage: boolean): Variant {
  const variant = hasImage ? model.variants.image : model.variants.text;
  if (variant !== undefined) return variant;
  throw hasImage
    ? invalid("image_url", `${model.id} takes no image; leave image_url out.`, "none")
    : invalid("image_url", `${model.id} needs an image: set image_url to an https URL or a data: URI.`, "required");
}

function pickDuration(model: CatalogueModel, requestedSeconds: number): number | null {
  if (model.durationsSeconds.length === 0) return null;
  const mapped = mapDuration(requestedSeconds, model.durationsSeconds);
  if (mapped !== null) return mapped;
  const longest = Math.max(...model.durationsSeconds);
  const message = `duration_seconds may be at most ${longest} for ${model.id}.`;
  throw invalid("duration_seconds", message, model.durationsSeconds);
}

/** The variant a record was accepted for. */
export function variantOf(model: CatalogueModel, endpoint: string): Variant | undefined {
  return [model.variants.text, model.variants.image].find((variant) => variant?.endpoint === endpoint);
}

/** The body in the provider's own words and types. `imageUrl` is what the provider is to fetch or decode. */
export function providerBody(
  variant: Variant,
  input: GenerationInput,
  imageUrl: string | null,
): Record<string, unknown> {
  const body: Record<string, unknown> = { ...input.params, [variant.promptField]: input.prompt };
  if (imageUrl !== null && variant.imageField !== undefined) body[variant.imageField] = imageUrl;
  if (input.durationSeconds !== null && variant.duration !== undefined) {
    body[variant.duration.field] = spellDuration(input.durationSeconds, variant.duration.as);
  }
  return body;
}

function spellDuration(seconds: number, as: "seconds-suffix" | "string" | "integer"): string | number {
  if (as === "integer") return seconds;
  return as === "string" ? String(seconds) : `${seconds}s`;
}
