/** What can be wrong with the spec of one param, in words that follow its name. */
import type { ParamSpec } from "./schema.js";

export function paramFault(spec: ParamSpec): string | null {
  if (spec.alwaysSent && spec.default === undefined) return "is always sent, so it needs a default";
  switch (spec.type) {
    case "string":
      return stringFault(spec);
    case "integer":
    case "number":
      return numberFault(spec);
    case "size":
      return isOneOf(spec.default, spec.values) ? null : "has a default that is none of its values";
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
  if (values !== undefined && !isOneOf(standard, values)) return "has a default that is none of its values";
  if (values !== undefined && new Set(values).size < values.length) return "has a value twice";
  if (standard !== undefined && standard.length > maxLength) return "has a default longer than its maxLength";
  if (map === undefined) return null;
  if (values === undefined) return "has a map, so it needs values";
  const unmapped = values.find((value) => !Object.hasOwn(map, value));
  if (unmapped !== undefined) return `has no spelling for ${unmapped}`;
  const unknown = Object.keys(map).find((value) => !values.includes(value));
  return unknown === undefined ? null : `has a spelling for ${unknown}, which is none of its values`;
}

function numberFault(spec: Extract<ParamSpec, { type: "integer" | "number" }>): string | null {
  const { min = -Infinity, max = Infinity, default: standard } = spec;
  if (min > max) return "has a min above its max";
  if (standard === undefined) return null;
  if (spec.type === "integer" && !Number.isInteger(standard)) return "has a default that is no whole number";
  return standard >= min && standard <= max ? null : "has a default outside its bounds";
}

const isOneOf = (value: string | undefined, values: readonly string[]) => value === undefined || values.includes(value);
