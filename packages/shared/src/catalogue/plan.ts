/** Plans a generation: the variant, the duration and size that the model makes, and the estimated cost. */
import { invalid } from "../errors.js";
import type { CacheMode, JsonValue, MediaType, Priority, RequestInput } from "../request/record.js";
import { durationsOf, type GivenMedia, pickVariant } from "./inputs.js";
import { type AllowedUrl, checkParams, type GivenParams } from "./params.js";
import { costMicro, requestedUnits, unitPriceMicro } from "./price.js";
import type { CatalogueModel, Variant } from "./schema.js";
import { mapDuration, type RequestedSize, resolveSize } from "./sizes.js";
import { checkUnchecked } from "./unchecked.js";

/** What a caller asks for, in one form for all generation routes: their bodies are turned into this. */
export interface GenerationInput {
  mediaType: MediaType;
  model: string;
  /** "" when the caller sent none. */
  prompt: string;
  /** The first image: a URL or a `data:` URI, as the caller sent it. */
  imageUrl: string | null;
  /** The field that has it, for errors; image_url when left out. */
  imageField?: string;
  /** The other inputs. */
  media?: readonly GivenMedia[];
  /** Whether images that no provider takes are converted. */
  convert?: boolean;
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
  "prompt" | "imageUrl" | "imageField" | "media" | "durationSeconds" | "size" | "count" | "params"
>;

export interface Plan {
  model: CatalogueModel;
  endpoint: string;
  /**
   * The caller's input in the form that the record stores. `prepare-inputs` of the API adds the images, videos and sounds.
   */
  input: Omit<RequestInput, "image" | "media">;
  /** The params that are sent to the provider without a check. */
  uncheckedParams: string[];
  /** Null when the price is not known. */
  estimatedCostMicro: number | null;
}

/** @throws VisgateError VALIDATION_ERROR with the field and its allowed values, before anything is spent */
export function plan(model: CatalogueModel, asked: PlannedInput, allowedUrl: AllowedUrl): Plan {
  const media = givenMedia(asked);
  const variant = pickVariant(model, media);
  checkPrompt(model, variant, asked.prompt);
  const durationSeconds = pickDuration(model, variant, asked.durationSeconds);
  const params = checkParams(variant, asked.params, allowedUrl);
  const uncheckedParams = asked.params.takesUnknown ? checkUnchecked(model, variant, asked.params) : [];
  checkTwins(variant, media, asked.params);
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

/** All inputs of a call, the first image too. */
export function givenMedia({ imageUrl, imageField = "image_url", media = [] }: MediaFields): GivenMedia[] {
  return [...(imageUrl === null ? [] : [{ role: "first" as const, url: imageUrl, field: imageField }]), ...media];
}

type MediaFields = Pick<GenerationInput, "imageUrl" | "imageField" | "media">;

/** A param may be the older way to give an input, as `end_image_url` for the last frame. */
function checkTwins({ inputs, params: specs }: Variant, media: readonly GivenMedia[], params: GivenParams): void {
  for (const { role, field } of media) {
    const twin = Object.keys(params.values).find((name) => (specs[name]?.field ?? name) === inputs[role]?.field);
    if (twin === undefined) continue;
    throw invalid(field, `${field} and ${params.fieldOf(twin)} say the same; give one of them.`, "one of them");
  }
}

function checkPrompt(model: CatalogueModel, { promptField, promptOptional, promptMaxLength }: Variant, prompt: string) {
  if (promptField === null && prompt !== "") {
    throw invalid("prompt", `prompt: ${model.id} takes no prompt; leave it out.`, "none");
  }
  if (promptField !== null && !promptOptional && prompt === "") {
    throw invalid("prompt", "prompt is required: must be a string.", "string");
  }
  if (promptMaxLength === undefined || prompt.length <= promptMaxLength) return;
  const message = `prompt may have at most ${promptMaxLength} characters for this model.`;
  throw invalid("prompt", message, { maximum: promptMaxLength });
}

function pickDuration(model: CatalogueModel, variant: Variant, requestedSeconds: number): number | null {
  const durations = durationsOf(model, variant);
  if (durations.length === 0) return null;
  const mapped = mapDuration(requestedSeconds, durations);
  if (mapped !== null) return mapped;
  const longest = Math.max(...durations);
  const message = `duration_seconds may be at most ${longest} for ${model.id}.`;
  throw invalid("duration_seconds", message, durations);
}

function pickCount({ count }: Variant, asked: number): number | null {
  const max = count?.max ?? 1;
  if (asked > max) throw invalid("num_images", `num_images may be at most ${max} for this model.`, { maximum: max });
  return count === undefined ? null : asked;
}
