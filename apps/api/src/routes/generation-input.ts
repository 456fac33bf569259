/** Turns the body of each generation route into a `GenerationInput`. */
import { DEFAULT_SIDE, type GenerationInput, type GivenAlternative, type GivenMedia } from "@visgate/shared/catalogue";
import {
  type GenerateImageBody,
  type GenerateVideoBody,
  generateImageBody,
  generateVideoBody,
  type generationFields,
  imageInputs,
  type inputFields,
} from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import type { JsonValue } from "@visgate/shared/request";
import { validate } from "../http/validate.js";

const DEFAULT_DURATION_SECONDS = 5;

export function videoInput(body: GenerateVideoBody): GenerationInput {
  return input(body, {
    mediaType: "video",
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
    durationSeconds: DEFAULT_DURATION_SECONDS,
    size: { width, height, given },
    count: inputs.num_images ?? 1,
    params,
  });
}

const { negative_prompt: _negative, seed: _seed, ...genericImageFields } = generateImageBody.shape;

type CommonFields = Pick<GenerateVideoBody, keyof typeof generationFields | keyof typeof inputFields>;
/** What the media type decides. */
type OwnInput = Pick<GenerationInput, "mediaType" | "durationSeconds" | "size" | "count" | "params">;

/** One literal, because spreading two objects would take ten times as long. */
function input(body: CommonFields, own: OwnInput): GenerationInput {
  const { first, media } = mediaOf(body);
  return {
    mediaType: own.mediaType,
    model: body.model,
    prompt: body.prompt ?? "",
    imageUrl: first?.url ?? null,
    imageField: first?.field ?? "image_url",
    media,
    convert: body.convert === true,
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

const NOTHING: readonly GivenMedia[] = [];

/** The first image, and the other inputs. @throws VisgateError for two first images, or two last ones */
function mediaOf({ image_url, image_urls, video_url, audio_url }: CommonFields) {
  if (image_url == null && image_urls == null && video_url == null && audio_url == null) {
    return { first: undefined, media: NOTHING };
  }
  const images = (image_urls ?? []).map((given, index): GivenMedia => {
    const field = `image_urls.${index}`;
    return typeof given === "string"
      ? { role: "reference", url: given, field }
      : { role: given.role ?? "reference", url: given.url, field };
  });
  const all: GivenMedia[] = [
    ...(image_url == null ? [] : [{ role: "first" as const, url: image_url, field: "image_url" }]),
    ...images,
    ...(video_url == null ? [] : [{ role: "video" as const, url: video_url, field: "video_url" }]),
    ...(audio_url == null ? [] : [{ role: "audio" as const, url: audio_url, field: "audio_url" }]),
  ];
  for (const role of ["first", "last"] as const) {
    const [one, twin] = all.filter((given) => given.role === role);
    if (one !== undefined && twin !== undefined) {
      throw invalid(twin.field, `${twin.field}: ${one.field} is the ${role} image already; give one.`, "one of them");
    }
  }
  return { first: all.find(({ role }) => role === "first"), media: all.filter(({ role }) => role !== "first") };
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
