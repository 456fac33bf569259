/** The body of a request in the provider's words and types. */
import type { JsonValue, RequestInput } from "../request/record.js";
import type { ParamSpec, Variant } from "./schema.js";
import { sizeFields } from "./sizes.js";

/** `imageUrl`: a URL that the provider fetches, or a `data:` URI. */
export function providerBody(variant: Variant, input: RequestInput, imageUrl: string | null): Record<string, unknown> {
  const { imageField, duration, count } = variant;
  return {
    ...variant.fixed,
    ...paramFields(variant, input.params),
    ...sizeFields(variant.size, input.size),
    ...(count === undefined || input.count === null ? {} : { [count.field]: input.count }),
    ...(duration === undefined || input.durationSeconds === null
      ? {}
      : { [duration.field]: spellDuration(input.durationSeconds, duration.as) }),
    ...(imageField === undefined || imageUrl === null ? {} : { [imageField]: imageUrl }),
    [variant.promptField]: input.prompt,
  };
}

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
