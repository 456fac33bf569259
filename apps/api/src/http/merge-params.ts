/** Model params come inside `params` or as other keys at the top; a key in both places would be ambiguous. */

import type { GenerationInput } from "@visgate/shared/catalogue";
import { invalid } from "@visgate/shared/errors";
import type { JsonValue } from "@visgate/shared/request";

export type MergedParams = GenerationInput["params"];

/** `generic`: the keys of the body that are no model params. Null counts as not given. */
export function mergeParams(body: Record<string, unknown>, generic: object): MergedParams {
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
