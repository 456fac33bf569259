/** The part of the OpenAPI document that clients depend on: without its texts and without the names of providers. */

const TEXTS = new Set(["description", "summary", "title", "example", "examples"]);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** `providers` and `keyHeaders`: names that may differ between two releases, because a provider was added. */
export function shapeOf(document: Json, providers: readonly string[], keyHeaders: readonly string[]): Json {
  const headers = new Set(keyHeaders.map((header) => header.toLowerCase()));

  /** `isNames`: the keys of this object are names of properties, paths or models, so a key "title" is not a text. */
  function shape(value: Json, isNames: boolean): Json {
    if (Array.isArray(value))
      return isProviders(value) ? ["{provider}"] : value.filter(isKept).map((one) => shape(one, false));
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value).filter(([key]) => isNames || !TEXTS.has(key));
    return Object.fromEntries(entries.map(([key, inner]) => [key, shape(inner, !isNames && NAMED.has(key))]));
  }
  const isProviders = (list: Json[]) =>
    list.length > 0 && list.every((one) => typeof one === "string" && providers.includes(one));
  const isKept = (one: Json) => !(isObject(one) && one["in"] === "header" && headers.has(String(one["name"])));
  return shape(document, false);
}

const NAMED = new Set(["properties", "paths", "schemas", "responses", "patternProperties"]);
const isObject = (value: Json): value is { [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value);
