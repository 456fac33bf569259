/**
 * Reads the body that a provider's own API takes. Its fields have the names that the catalogue knows as those of the
 * provider. For models of other providers, names that are usual for the same thing are taken too.
 */
import {
  type CatalogueModel,
  type GivenMedia,
  type MediaInputSpec,
  mainVariant,
  type ParamSpec,
  type Variant,
  variantFor,
} from "@visgate/shared/catalogue";
import { generationFields } from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import { INPUT_ROLES, type InputRole } from "@visgate/shared/request";
import { validate } from "../http/validate.js";
import type { Asked } from "./dialect.js";

const MEDIA_FIELDS: Record<InputRole, readonly string[]> = {
  first: [
    "image_url",
    "image",
    "input_image",
    "start_image",
    "first_frame_image",
    "first_frame_url",
    "input_reference",
  ],
  last: ["last_frame", "last_frame_image", "last_frame_url", "tail_image_url", "end_image_url", "end_image"],
  reference: ["image_urls", "reference_images", "input_images", "image_input"],
  video: ["video_url", "video"],
  audio: ["audio_url"],
};
const USUAL_ROLES = new Map(INPUT_ROLES.flatMap((role) => MEDIA_FIELDS[role].map((name) => [name, role] as const)));
const DURATION_FIELDS = ["duration", "seconds", "duration_seconds"];
const COUNT_FIELDS = ["num_images", "num_outputs", "n"];
const OPTIONAL_PROMPT = generationFields.prompt.nullish();

/** `at`: where the body is, for errors, as "input."; "" for the top. */
export function readProviderBody(model: CatalogueModel, body: Record<string, unknown>, at = ""): Asked {
  const rest = new Map<string, unknown>();
  for (const [name, value] of Object.entries(body)) if (value != null) rest.set(name, value);
  /** The first of these that is given, with its name. All of them are used up. */
  const take = (names: readonly (string | null | undefined)[]): Given | undefined => {
    let found: Given | undefined;
    for (const name of names) {
      if (name == null || !rest.has(name)) continue;
      found ??= [name, rest.get(name)];
      rest.delete(name);
    }
    return found;
  };
  const fields = fieldsOf(model);
  const media = takeMedia(fields, rest, at);
  const variant =
    variantFor(
      model,
      media.map(({ role }) => role),
    ) ?? mainVariant(model);
  const prompt = take([variant.promptField, "prompt"]);
  const duration = take(fields.duration);
  const count = take([variant.count?.field, ...COUNT_FIELDS]);
  const [width, height] = [take(["width"]), take(["height"])];
  const needsPrompt = variant.promptField !== null && !variant.promptOptional;
  const promptSchema = needsPrompt ? generationFields.prompt : OPTIONAL_PROMPT;
  const first = media.find(({ role }) => role === "first");
  return {
    model,
    prompt: validate(promptSchema, prompt?.[1], `${at}prompt`) ?? "",
    imageUrl: first?.url ?? null,
    ...(first === undefined ? {} : { imageField: first.field }),
    media: media.filter((one) => one !== first),
    durationSeconds: duration === undefined ? undefined : secondsOf(duration, at),
    count: count === undefined ? undefined : numberOf(count, at),
    size: width && height ? { width: numberOf(width, at), height: numberOf(height, at) } : undefined,
    params: paramsOf(fields.params.get(variant) ?? new Map(), variant.params, rest),
  };
}

type InputField = { role: InputRole; spec: MediaInputSpec };

/** What the names of fields mean to a model, in any of its variants. */
interface Fields {
  inputs: ReadonlyMap<string, readonly InputField[]>;
  paramNames: ReadonlySet<string>;
  duration: readonly string[];
  /** By the provider's names. */
  params: ReadonlyMap<Variant, ReadonlyMap<string, NamedParam>>;
}
type NamedParam = { name: string; spec: ParamSpec };

/** Made once: to collect it takes longer than to read a body. */
const FIELDS = new WeakMap<CatalogueModel, Fields>();

function fieldsOf(model: CatalogueModel): Fields {
  const known = FIELDS.get(model) ?? collectFields(Object.values(model.variants).filter((one) => one !== undefined));
  FIELDS.set(model, known);
  return known;
}

function collectFields(variants: readonly Variant[]): Fields {
  const inputs = new Map<string, InputField[]>();
  for (const role of INPUT_ROLES) {
    for (const variant of variants) {
      const spec = variant.inputs[role];
      if (spec !== undefined) inputs.set(spec.field, [...(inputs.get(spec.field) ?? []), { role, spec }]);
    }
  }
  const byField = ({ params }: Variant) =>
    new Map(Object.entries(params).map(([name, spec]) => [spec.field ?? name, { name, spec }]));
  return {
    inputs,
    paramNames: new Set(variants.flatMap(({ params }) => Object.keys(params))),
    duration: [...variants.flatMap(({ duration }) => duration?.field ?? []), ...DURATION_FIELDS],
    params: new Map(variants.map((variant) => [variant, byField(variant)])),
  };
}

type Given = [name: string, value: unknown];

/** The inputs, whose fields are removed from `rest`. A field of the model's own decides before a usual name. */
function takeMedia({ inputs, paramNames }: Fields, rest: Map<string, unknown>, at: string): GivenMedia[] {
  const usualRole = (name: string) => (paramNames.has(name) ? undefined : USUAL_ROLES.get(name));
  const names = [...rest.keys()].filter((name) => inputs.has(name) || usualRole(name) !== undefined);
  if (names.length === 0) return [];
  const found: GivenMedia[] = [];
  const ownOf = (name: string) => inputs.get(name) ?? [];
  for (const name of names.toSorted((a, b) => ownOf(b).length - ownOf(a).length)) {
    const [own, usual, value] = [ownOf(name), usualRole(name), rest.get(name)];
    const values = Array.isArray(value) ? value : [value];
    values.forEach((one, index) => {
      const field = `${at}${name}${Array.isArray(value) && values.length > 1 ? `.${index}` : ""}`;
      const role = own.find(({ spec }) => fits(spec, one))?.role ?? own[0]?.role ?? (usual as InputRole);
      if (found.some((other) => other.role === role) && !isList(role, own, usual)) return;
      found.push({ role, url: urlOf(one, field), field });
    });
    rest.delete(name);
  }
  return found;
}

/** For a second value of a role that takes one: the first name decides, as for all other fields. */
const isList = (role: InputRole, own: readonly InputField[], usual: InputRole | undefined) =>
  own.some(({ spec }) => spec.as === "list") || (usual === role && role === "reference");

/** An object has the fields that the provider tells the roles of one list by. */
function fits({ object }: MediaInputSpec, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return object === undefined;
  return Object.entries(object?.with ?? {}).every(
    ([name, wanted]) => (value as Record<string, unknown>)[name] === wanted,
  );
}

function urlOf(value: unknown, field: string): string {
  const text = typeof value === "object" && value !== null ? urlIn(value) : value;
  if (typeof text === "string") return text;
  throw invalid(field, `${field} must be a string.`, "string");
}

const urlIn = (value: object): unknown => ("uri" in value ? value.uri : "url" in value ? value.url : undefined);

function numberOf([name, value]: Given, at: string): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number > 0) return number;
  throw invalid(at + name, `${at}${name} must be a positive whole number.`, "positive integer");
}

/** As 8, "8" or "8s". */
const secondsOf = ([name, value]: Given, at: string): number =>
  numberOf([name, typeof value === "string" ? value.replace(/s$/, "") : value], at);

/** The params by the names that the catalogue gives them. Unknown ones stay, and are refused with their name. */
function paramsOf(
  byField: ReadonlyMap<string, NamedParam>,
  specs: Record<string, ParamSpec>,
  given: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    [...given].map(([field, value]) => {
      if (Object.hasOwn(specs, field)) return [field, value];
      const found = byField.get(field);
      return found === undefined ? [field, value] : [found.name, callersValue(found.spec, value)];
    }),
  );
}

/** The provider may spell a value differently. */
function callersValue(spec: ParamSpec, value: unknown): unknown {
  if (spec.type !== "string" || spec.map === undefined) return value;
  return Object.entries(spec.map).find(([, theirs]) => theirs === value)?.[0] ?? value;
}
