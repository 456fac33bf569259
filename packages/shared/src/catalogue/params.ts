/** Checks model params against the specs of a variant. An error names the field and its allowed values. */
import { invalid } from "../errors.js";
import { INPUT_ROLES, type JsonValue } from "../request/record.js";
import { INPUT_FIELDS } from "./inputs.js";
import type { ParamSpec, Variant } from "./schema.js";

export interface GivenParams {
  values: Record<string, JsonValue>;
  /** The field in which the caller sent a param: `seed` or `params.seed`. */
  fieldOf: (name: string) => string;
  /** Params that the catalogue does not know are sent to the provider as they are; unchecked.ts says which may be. */
  takesUnknown?: boolean;
}

/** The URL in the form in which it was checked, for the provider to fetch; null when it is refused. */
export type AllowedUrl = (url: string) => string | null;

/** The checked params. A URL may have another form than the caller's: the one that was checked. */
export function checkParams(variant: Variant, given: GivenParams, allowedUrl: AllowedUrl): GivenParams["values"] {
  const values = { ...given.values };
  const byProviderField = new Map<string, string>();
  for (const [name, value] of Object.entries(given.values)) {
    const field = given.fieldOf(name);
    const spec = Object.hasOwn(variant.params, name) ? variant.params[name] : undefined;
    if (spec === undefined && given.takesUnknown) continue;
    if (spec === undefined) throw unknownParam(variant, name, field);
    const url = spec.type === "image_url" && typeof value === "string" ? allowedUrl(value) : null;
    if (url !== null) values[name] = url;
    const expected = url === null ? faultOf(spec, value) : null;
    if (expected !== null) throw invalid(field, `${field} must be ${expected}.`, allowedOf(spec));
    const twin = byProviderField.get(spec.field ?? name);
    if (twin !== undefined) throw invalid(field, `${field} and ${twin} say the same; give one of them.`, "one of them");
    byProviderField.set(spec.field ?? name, field);
  }
  return values;
}

function unknownParam(variant: Variant, name: string, field: string) {
  const generic = genericFor(variant, name);
  const hint =
    generic === null
      ? " With params_unchecked: true, it is sent to the provider as it is."
      : ` Use ${generic} instead.`;
  return invalid(field, `${field} is not a parameter of this model.${hint}`, Object.keys(variant.params));
}

/** The generic field for what the provider calls `name`. */
function genericFor({ promptField, duration, inputs, count, size }: Variant, name: string): string | null {
  if (name === promptField) return "prompt";
  if (name === duration?.field) return "duration_seconds";
  if (name === count?.field) return "num_images";
  if (size !== undefined && "field" in size && name === size.field) return "width and height";
  const role = INPUT_ROLES.find((one) => inputs[one]?.field === name);
  if (role !== undefined) return INPUT_FIELDS[role];
  return Object.values(INPUT_FIELDS).includes(name) ? `${name} outside of params` : null;
}

/** Null for a valid value. For any other, and for each URL, the text that says what it must be. */
function faultOf(spec: ParamSpec, value: JsonValue): string | null {
  switch (spec.type) {
    case "image_url":
      return "the public https URL of an image";
    case "boolean":
      return typeof value === "boolean" ? null : "true or false";
    case "integer":
    case "number":
      return isNumberWithin(spec, value) ? null : numberText(spec);
    case "string":
      return isStringWithin(spec, value) ? null : stringText(spec);
    case "size":
      return isSize(spec, value) ? null : `one of ${spec.values.join(", ")}, or {"width","height"} in pixels`;
  }
}

function isNumberWithin(spec: Extract<ParamSpec, { type: "integer" | "number" }>, value: JsonValue): boolean {
  if (typeof value !== "number" || (spec.type === "integer" && !Number.isSafeInteger(value))) return false;
  return value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity);
}

function numberText(spec: Extract<ParamSpec, { type: "integer" | "number" }>): string {
  const kind = spec.type === "integer" ? "a whole number" : "a number";
  return spec.min === undefined && spec.max === undefined
    ? kind
    : `${kind} from ${spec.min ?? "-∞"} to ${spec.max ?? "∞"}`;
}

function isStringWithin(spec: Extract<ParamSpec, { type: "string" }>, value: JsonValue): boolean {
  if (typeof value !== "string") return false;
  return (spec.values?.includes(value) ?? true) && value.length <= (spec.maxLength ?? Infinity);
}

function stringText(spec: Extract<ParamSpec, { type: "string" }>): string {
  if (spec.values !== undefined) return `one of ${spec.values.join(", ")}`;
  return spec.maxLength === undefined ? "a string" : `a string of at most ${spec.maxLength} characters`;
}

function isSize(spec: Extract<ParamSpec, { type: "size" }>, value: JsonValue): boolean {
  if (typeof value === "string") return spec.values.includes(value);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const { width, height, ...rest } = value;
  if (typeof width !== "number" || typeof height !== "number" || Object.keys(rest).length > 0) return false;
  return (
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    width >= 64 &&
    height >= 64 &&
    width * height <= spec.maxPixels
  );
}

function allowedOf(spec: ParamSpec): unknown {
  if (spec.type === "size") return spec.values;
  if (spec.type === "string") return spec.values ?? { type: "string", maximum_length: spec.maxLength };
  if (spec.type === "boolean") return [true, false];
  if (spec.type === "image_url") return "https URL";
  return { minimum: spec.min, maximum: spec.max };
}
