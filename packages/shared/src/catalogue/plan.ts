/** Plans a generation: the variant, the duration and size that the model makes, and the estimated cost. */
import { invalid } from "../errors.js";
import type { CacheMode, JsonValue, MediaType, Priority, RequestInput } from "../request/record.js";
import { type AllowedUrl, checkParams, type GivenParams } from "./params.js";
import { costMicro, requestedUnits, unitPriceMicro } from "./price.js";
import { type CatalogueModel, type Variant, variantOf } from "./schema.js";
import { mapDuration, type RequestedSize, resolveSize } from "./sizes.js";
import { checkUnchecked } from "./unchecked.js";

/** What a caller asks for, in one form for all generation routes: their bodies are turned into this. */
export interface GenerationInput {
  mediaType: MediaType;
  model: string;
  prompt: string;
  /** A URL or a `data:` URI, as the caller sent it. */
  imageUrl: string | null;
  durationSeconds: number;
  size: RequestedSize | null;
  count: number;
  params: GivenParams;
  webhookUrl: string | null;
  /** As in the record. */
  webhookForm?: string;
  callbackId: string | null;
  metadata: Record<string, string>;
  /** Null for the default of the media type. */
  deadlineSeconds: number | null;
  cache: CacheMode;
  priority: Priority;
  /** False: callers get the provider's own URL. */
  copyOutput: boolean;
  /** The models to try after this one, in this order. */
  fallback: readonly GivenAlternative[];
}

/** `params`: null for those of the call. */
export interface GivenAlternative {
  model: string;
  params: Record<string, JsonValue> | null;
}

/** The part of a GenerationInput that decides the output; the rest says what happens with it. */
export type PlannedInput = Pick<
  GenerationInput,
  "prompt" | "imageUrl" | "durationSeconds" | "size" | "count" | "params"
>;

export interface Plan {
  model: CatalogueModel;
  endpoint: string;
  /** The caller's input in the form that the record stores. `prepare-image` of the API adds the image. */
  input: Omit<RequestInput, "image">;
  /** The params that are sent to the provider without a check. */
  uncheckedParams: string[];
  /** Null when the price is not known. */
  estimatedCostMicro: number | null;
}

/** @throws VisgateError VALIDATION_ERROR with the field and its allowed values, before anything is spent */
export function plan(model: CatalogueModel, asked: PlannedInput, allowedUrl: AllowedUrl): Plan {
  const variant = pickVariant(model, asked.imageUrl !== null);
  checkPrompt(variant, asked.prompt);
  const durationSeconds = pickDuration(model, asked.durationSeconds);
  const params = checkParams(variant, asked.params, allowedUrl);
  const uncheckedParams = asked.params.takesUnknown ? checkUnchecked(model, variant, asked.params) : [];
  const size = resolveSize(variant, asked.size, params);
  const count = pickCount(variant, asked.count);
  const units = requestedUnits(model, { variant, durationSeconds, size, count, params });
  return {
    model,
    endpoint: variant.endpoint,
    input: { prompt: asked.prompt, durationSeconds, size, count, params },
    uncheckedParams,
    estimatedCostMicro: costMicro(units, unitPriceMicro(model, variant, params, size)),
  };
}

function pickVariant(model: CatalogueModel, hasImage: boolean): Variant {
  const variant = variantOf(model, hasImage);
  if (variant !== undefined) return variant;
  throw hasImage
    ? invalid("image_url", `${model.id} takes no image; leave image_url out.`, "none")
    : invalid("image_url", `${model.id} needs an image: set image_url to an https URL or a data: URI.`, "required");
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

function pickCount({ count }: Variant, asked: number): number | null {
  const max = count?.max ?? 1;
  if (asked > max) throw invalid("num_images", `num_images may be at most ${max} for this model.`, { maximum: max });
  return count === undefined ? null : asked;
}
