/** Checks model params against a variant's spec; a fault names the field and what it takes. */
import { invalid } from "../domain/errors.js";
import type { JsonValue } from "../domain/request.js";
import type { ParamSpec, Variant } from "./schema.js";

export interface GivenParams {
  values: Record<string, JsonValue>;
  /** The field a caller used for a param: `seed` or `params.seed`. */
  fieldOf: (name: string) => string;
}

export function checkParams(variant: Variant, given: GivenParams): void {
  for (const [name, value] of Object.entries(given.values)) {
    const field = given.fieldOf(name);
    const spec = Object.hasOwn(variant.params, name) ? variant.params[name] : undefined;
    if (spec === undefined) throw unknownParam(variant, name, field);
    const expected = faultOf(spec, value);
    if (expected !== null) throw invalid(field, `${field} must be ${expected}.`, allowedOf(spec));
  }
}

function unknownParam(variant: Variant, name: string, field: string) {
  const generic = genericFor(variant, name);
  const hint = generic === null ? "" : ` Use ${generic} instead.`;
  return invalid(field, `${field} is not a parameter of this model.${hint}`, Object.keys(variant.params));
}

/** Our own field for what the provider calls `name`. */
function genericFor({ duration, imageField }: Variant, name: string): string | null {
  if (name === duration?.field) return "duration_seconds";
  return name === imageField ? "image_url" : null;
}

/** What the value should have been, or null when it is right. */
function faultOf(spec: ParamSpec, value: JsonValue): string | null {
  switch (spec.type) {
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
  if (spec.type === "string" || spec.type === "size") return spec.values;
  if (spec.type === "boolean") return [true, false];
  return { minimum: spec.min, maximum: spec.max };
}
