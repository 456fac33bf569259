/** The rules between the parts of a catalogue entry, which a type cannot express. */
import type { z } from "zod";
import { generateImageBody } from "../contract/image.js";
import { generateVideoBody } from "../contract/video.js";
import { INPUT_ROLES } from "../request/record.js";
import { durationsOf, neededRoles } from "./inputs.js";
import type { CatalogueModel, ParamSpec, SizeSpec, Variant, VariantKind } from "./schema.js";

type Path = (string | number)[];
type Fault = (message: string, ...path: Path) => void;
type Rule = Pick<CatalogueModel["price"]["when"][number], "params">;

const UNITS = { video: ["second", "video", "thousand_tokens"], image: ["image", "megapixel"] };

export function checkModel(model: CatalogueModel, context: z.RefinementCtx): void {
  const fault: Fault = (message, ...path) => context.addIssue({ code: "custom", message, path, input: model });
  const variants = Object.entries(model.variants).filter((entry): entry is [VariantKind, Variant] => Boolean(entry[1]));
  if (variants.length === 0) fault("needs text, image, first_last, reference or video", "variants");
  checkUnit(model, fault);
  for (const [name, variant] of variants) {
    checkVariant(model, name, variant, (message, ...path) => fault(message, "variants", name, ...path));
  }
  const specs = variants.map(([, variant]) => variant.params);
  const { when, tokens } = model.price;
  const rules = [
    ...when.map((rule, index) => ({ rule, path: ["when", index] })),
    ...(tokens?.sizes ?? []).map((rule, index) => ({ rule, path: ["tokens", "sizes", index] })),
  ];
  for (const { rule, path } of rules) {
    checkRule(rule, specs, (message, ...rest) => fault(message, "price", ...path, "params", ...rest));
  }
}

function checkUnit({ price, mediaType, durationsSeconds, variants }: CatalogueModel, fault: Fault): void {
  const units = UNITS[mediaType];
  if (!units.includes(price.unit)) {
    fault(`must be ${units.slice(0, -1).join(", ")} or ${units.at(-1)} for ${mediaType}s`, "price", "unit");
  }
  const isByTokens = price.unit === "thousand_tokens";
  if (isByTokens !== (price.tokens !== undefined)) {
    fault(
      isByTokens ? "is required for the unit thousand_tokens" : "is only for the unit thousand_tokens",
      "price",
      "tokens",
    );
  }
  if (mediaType === "image" && durationsSeconds.length > 0) fault("is only for videos", "durationsSeconds");
  if (new Set(durationsSeconds).size < durationsSeconds.length) fault("has a duration twice", "durationsSeconds");
  // Where the length of the caller's own video decides, the model has only this variant.
  const isForVideos = Object.entries(variants).every(([kind, variant]) => variant === undefined || kind === "video");
  if ((price.unit === "second" || isByTokens) && durationsSeconds.length === 0 && !isForVideos) {
    fault("is required for a price per second or by tokens", "durationsSeconds");
  }
}

/** Names that a param must not have, since a body has generic fields of these names. */
const GENERIC = new Set([
  ...Object.keys(generateVideoBody.shape),
  ...Object.keys(generateImageBody.shape).filter((name) => name !== "seed" && name !== "negative_prompt"),
]);

function checkVariant(model: CatalogueModel, name: VariantKind, variant: Variant, fault: Fault): void {
  for (const role of neededRoles(name, variant)) {
    if (variant.inputs[role] === undefined)
      fault("is required", ...(name === "image" ? ["imageField"] : ["inputs", role]));
  }
  for (const role of INPUT_ROLES) {
    const spec = variant.inputs[role];
    if (spec?.as === "url" && spec.max > 1) fault("needs as: list for more than one", "inputs", role, "max");
  }
  if (durationsOf(model, variant).length > 0 !== (variant.duration !== undefined)) {
    fault("must be set if durationsSeconds has values, and left out otherwise", "duration");
  }
  for (const [param, spec] of Object.entries(variant.params)) {
    const reason = GENERIC.has(param) ? "is the name of a generic field" : paramFault(spec);
    if (reason !== null) fault(reason, "params", param);
  }
  if (variant.size !== undefined) checkSize(variant.size, fault);
  checkFields(variant, fault);
}

function checkSize(size: SizeSpec, fault: Fault): void {
  if (size.as === "fields" && size.min > size.max) fault("must not be above max", "size", "min");
  if (size.as !== "listed") return;
  const seen = size.sizes.map(({ width, height }) => `${width}x${height}`);
  seen.forEach((text, index) => {
    if (seen.indexOf(text) < index) fault(`has ${text} twice`, "size", "sizes", index);
  });
}

/**
 * No two parts of an entry may write the same field, except params with the same field, of which one has a default; an
 * input and a param of type image_url, of which a call gives one; and inputs in one list.
 */
function checkFields(variant: Variant, fault: Fault): void {
  const { promptField, duration, count, fixed, size } = variant;
  const media = inputFields(variant);
  const own = [promptField, duration?.field, count?.field, ...Object.keys(fixed), ...sizeOnly(size), ...media];
  const written = own.filter((field) => typeof field === "string");
  const taken = new Set(written);
  if (taken.size < written.length) fault("has two parts that write the same field");
  const withDefault = new Set<string>();
  for (const [name, spec] of Object.entries(variant.params)) {
    const field = spec.field ?? name;
    const isInput = spec.type === "image_url" && media.includes(field);
    if (taken.has(field) && !isInput)
      fault(`writes ${field}, which another part of the entry writes too`, "params", name);
    if (spec.default === undefined) continue;
    if (withDefault.has(field)) fault(`is a second default for ${field}`, "params", name, "default");
    withDefault.add(field);
  }
}

/** The fields of the inputs. A list field counts once. */
function inputFields({ inputs }: Variant): string[] {
  const specs = INPUT_ROLES.flatMap((role) => inputs[role] ?? []);
  const lists = new Set(specs.filter(({ as }) => as === "list").map(({ field }) => field));
  return [...lists, ...specs.filter(({ as }) => as === "url").map(({ field }) => field)];
}

/** The fields of a size, which no param may write. */
function sizeOnly(size: SizeSpec | undefined): string[] {
  return size?.as === "fields" ? [size.width, size.height] : [];
}

function checkRule(rule: Rule, specs: Record<string, ParamSpec>[], fault: Fault): void {
  for (const [param, wanted] of Object.entries(rule.params)) {
    const known = specs.flatMap((params) => (Object.hasOwn(params, param) ? [params[param] as ParamSpec] : []));
    if (known.length === 0) fault("is not a param of this model", param);
    for (const value of [wanted].flat()) {
      if (known.length > 0 && !known.some((spec) => takes(spec, value))) fault(`cannot have the value ${value}`, param);
    }
  }
}

function takes(spec: ParamSpec, value: string | boolean): boolean {
  if (spec.type === "boolean") return typeof value === "boolean";
  if (spec.type === "string") return typeof value === "string" && (spec.values?.includes(value) ?? true);
  return false;
}

/** What is wrong with the spec of one param, in words that follow its name. */
function paramFault(spec: ParamSpec): string | null {
  if (spec.alwaysSent && spec.default === undefined) return "is always sent, so it needs a default";
  switch (spec.type) {
    case "string":
      return stringFault(spec);
    case "integer":
    case "number":
      return numberFault(spec);
    case "size":
      return isOneOf(spec.default, spec.values) ? null : "has a default that is not one of its values";
    case "boolean":
    case "image_url":
      return null;
  }
}

function stringFault({
  values,
  map,
  maxLength = Infinity,
  default: standard,
}: Extract<ParamSpec, { type: "string" }>): string | null {
  if (values !== undefined && !isOneOf(standard, values)) return "has a default that is not one of its values";
  if (values !== undefined && new Set(values).size < values.length) return "has a value twice";
  if (standard !== undefined && standard.length > maxLength) return "has a default longer than its maxLength";
  if (map === undefined) return null;
  if (values === undefined) return "has a map, so it needs values";
  const unmapped = values.find((value) => !Object.hasOwn(map, value));
  if (unmapped !== undefined) return `has no spelling for ${unmapped}`;
  const unknown = Object.keys(map).find((value) => !values.includes(value));
  return unknown === undefined ? null : `has a spelling for ${unknown}, which is not one of its values`;
}

function numberFault(spec: Extract<ParamSpec, { type: "integer" | "number" }>): string | null {
  const { min = -Infinity, max = Infinity, default: standard } = spec;
  if (min > max) return "has a min above its max";
  if (standard === undefined) return null;
  if (spec.type === "integer" && !Number.isInteger(standard)) return "has a default that is not a whole number";
  return standard >= min && standard <= max ? null : "has a default outside its bounds";
}

const isOneOf = (value: string | undefined, values: readonly string[]) => value === undefined || values.includes(value);
