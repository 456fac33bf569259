/** The body of a request in the provider's words and types. */
import { INPUT_ROLES, type InputRole, type JsonValue, type RequestInput } from "../request/record.js";
import type { MediaInputSpec, ParamSpec, Variant } from "./schema.js";
import { sizeFields } from "./sizes.js";

/** `url`: a URL that the provider fetches, or a `data:` URI. */
export interface PlacedMedia {
  role: InputRole;
  url: string;
}

export function providerBody(
  variant: Variant,
  input: Omit<RequestInput, "image" | "media">,
  media: readonly PlacedMedia[],
): Record<string, unknown> {
  const { duration, count, promptField } = variant;
  return {
    ...variant.fixed,
    ...paramFields(variant, input.params),
    ...sizeFields(variant.size, input.size),
    ...(count === undefined || input.count === null ? {} : { [count.field]: input.count }),
    ...(duration === undefined || input.durationSeconds === null
      ? {}
      : { [duration.field]: spellDuration(input.durationSeconds, duration.as) }),
    ...mediaFields(variant, media),
    ...(promptField === null || input.prompt === "" ? {} : { [promptField]: input.prompt }),
  };
}

/** Roles with the same list field share one list, in the order of the roles. */
function mediaFields({ inputs }: Variant, media: readonly PlacedMedia[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const role of INPUT_ROLES) {
    const spec = inputs[role];
    for (const { url } of spec === undefined ? [] : media.filter((one) => one.role === role)) {
      const { field, as } = spec as MediaInputSpec;
      const value = spelled(spec as MediaInputSpec, url);
      fields[field] = as === "url" ? value : [...((fields[field] as unknown[] | undefined) ?? []), value];
    }
  }
  return fields;
}

const spelled = ({ object }: MediaInputSpec, url: string) =>
  object === undefined ? url : { ...object.with, [object.url]: url };

/** The given params and the defaults that are always sent, in the provider's words. */
export function paramFields({ params: specs }: Variant, given: Record<string, JsonValue>): Record<string, JsonValue> {
  const fields: Record<string, JsonValue> = {};
  // Defaults first, so that a given param with the same field replaces them.
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.alwaysSent && spec.default !== undefined) fields[spec.field ?? name] = spell(spec, spec.default);
  }
  for (const [name, value] of Object.entries(given)) {
    const spec = specs[name];
    fields[spec?.field ?? name] = spec === undefined ? value : spell(spec, value);
  }
  return fields;
}

export function spell(spec: ParamSpec, value: JsonValue): JsonValue {
  return spec.type === "string" && typeof value === "string" ? (spec.map?.[value] ?? value) : value;
}

function spellDuration(seconds: number, as: "seconds-suffix" | "string" | "integer"): string | number {
  if (as === "integer") return seconds;
  return as === "string" ? String(seconds) : `${seconds}s`;
}
