/** Turns the body of each generation route into a `GenerationInput`. */
import type { GenerationInput, GivenAlternative } from "@visgate/shared/catalogue";
import {
  type GenerateImageBody,
  type GenerateVideoBody,
  generateImageBody,
  generateVideoBody,
  type generationFields,
  imageInputs,
} from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import type { JsonValue } from "@visgate/shared/request";
import { validate } from "../http/validate.js";

const DEFAULT_DURATION_SECONDS = 5;
const DEFAULT_SIDE = 1024;

export function videoInput(body: GenerateVideoBody): GenerationInput {
  return input(body, {
    mediaType: "video",
    imageUrl: body.image_url ?? null,
    durationSeconds: body.duration_seconds ?? DEFAULT_DURATION_SECONDS,
    size: null,
    count: 1,
    params: mergeParams(body, generateVideoBody.shape),
  });
}

export function imageInput(body: GenerateImageBody): GenerationInput {
  const { inputs, params } = takeInputs(body, mergeParams(body, genericImageFields));
  const { width = DEFAULT_SIDE, height = DEFAULT_SIDE } = inputs;
  // Clients always send the default size, even beside another way to give the size. So it counts as not given.
  const given = width !== DEFAULT_SIDE || height !== DEFAULT_SIDE;
  return input(body, {
    mediaType: "image",
    imageUrl: null,
    durationSeconds: DEFAULT_DURATION_SECONDS,
    size: { width, height, given },
    count: inputs.num_images ?? 1,
    params,
  });
}

const { negative_prompt: _negative, seed: _seed, ...genericImageFields } = generateImageBody.shape;

type CommonFields = Pick<GenerateVideoBody, keyof typeof generationFields>;
/** What the media type decides. */
type OwnInput = Pick<GenerationInput, "mediaType" | "imageUrl" | "durationSeconds" | "size" | "count" | "params">;

/** One literal, because spreading two objects would take ten times as long. */
function input(body: CommonFields, own: OwnInput): GenerationInput {
  return {
    mediaType: own.mediaType,
    model: body.model,
    prompt: body.prompt,
    imageUrl: own.imageUrl,
    durationSeconds: own.durationSeconds,
    size: own.size,
    count: own.count,
    params: body.params_unchecked ? { ...own.params, takesUnknown: true } : own.params,
    webhookUrl: body.webhook_url ?? null,
    callbackId: body.callback_id ?? null,
    metadata: body.metadata ?? {},
    deadlineSeconds: body.deadline_seconds ?? null,
    cache: body.cache ?? "use",
    priority: body.priority ?? "normal",
    copyOutput: body.skip_gcs_upload !== true,
    fallback: body.fallback == null ? NO_FALLBACK : body.fallback.map(alternative),
  };
}

const NO_FALLBACK: GenerationInput["fallback"] = [];

function alternative(given: NonNullable<CommonFields["fallback"]>[number]): GivenAlternative {
  if (typeof given === "string") return { model: given, params: null };
  const params = given.params == null ? null : (withoutNull(given.params) as Record<string, JsonValue>);
  return { model: given.model, params };
}

type ImageInputName = keyof typeof imageInputs;

/** The generic inputs, from the top of the body or from inside `params`, and the params without them. */
function takeInputs(body: GenerateImageBody, { values, fieldOf }: MergedParams) {
  const inputs: Partial<Record<ImageInputName, number>> = {};
  const params = { ...values };
  for (const name of Object.keys(imageInputs) as ImageInputName[]) {
    delete params[name];
    const inside = values[name];
    if (body[name] != null && inside !== undefined) {
      throw invalid(name, `${name} is given twice: at the top and in params.`);
    }
    const value = body[name] ?? checkInside(name, fieldOf(name), inside);
    if (value != null) inputs[name] = value;
  }
  return { inputs, params: { values: params, fieldOf } };
}

function checkInside(name: ImageInputName, field: string, value: unknown): number | null | undefined {
  if (value === undefined) return null;
  return validate(imageInputs[name], value, field);
}

type MergedParams = GenerationInput["params"];

/**
 * Model params come inside `params` or as other keys at the top. A key in both places would be ambiguous. Null counts
 * as not given. `generic`: the keys of the body that are not model params.
 */
function mergeParams(body: Record<string, unknown>, generic: object): MergedParams {
  const inside = withoutNull(body["params"] ?? {}) as Record<string, JsonValue>;
  const values = { ...inside };
  for (const [name, value] of Object.entries(body)) {
    if (value === null || Object.hasOwn(generic, name)) continue;
    if (Object.hasOwn(values, name)) throw invalid(name, `${name} is given twice: at the top and in params.`);
    values[name] = value as JsonValue;
  }
  return { values, fieldOf: (name) => (Object.hasOwn(inside, name) ? `params.${name}` : name) };
}

function withoutNull(params: object): object {
  const entries = Object.entries(params);
  return entries.some(([, value]) => value === null)
    ? Object.fromEntries(entries.filter(([, value]) => value !== null))
    : { ...params };
}
