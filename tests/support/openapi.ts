/** The part of the OpenAPI document that clients depend on: names, types and what is required. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const TEXTS = new Set(["description", "summary", "title", "example", "examples", "operationId"]);
/** The keys inside these are names of properties, paths or models, so a key "title" is not a text. */
const NAMED = new Set(["properties", "paths", "schemas", "responses", "patternProperties"]);

export interface ShapeOptions {
  /** The shape of the last release. What may be added to it without harm to its clients is left out. */
  released: Json;
  /** Names that may differ between two releases, because a provider was added. */
  providers: readonly string[];
  keyHeaders: readonly string[];
}

export function shapeOf(document: Json, { released, providers, keyHeaders }: ShapeOptions): Json {
  const headers = new Set(keyHeaders.map((header) => header.toLowerCase()));

  function shape(value: Json, isNames: boolean): Json {
    if (Array.isArray(value))
      return isProviders(value) ? ["{provider}"] : value.filter(isKept).map((one) => shape(one, false));
    if (!isObject(value)) return value;
    const entries = Object.entries(value).filter(([key]) => isNames || !TEXTS.has(key));
    return Object.fromEntries(entries.map(([key, inner]) => [key, shape(inner, !isNames && NAMED.has(key))]));
  }
  const isProviders = (list: Json[]) =>
    list.length > 0 && list.every((one) => typeof one === "string" && providers.includes(one));
  const isKept = (one: Json) => !(isObject(one) && one["in"] === "header" && headers.has(String(one["name"])));
  return withoutAdditions(shape(inline(document), false), released);
}

/** A schema with a name is the same to a client as one without: each reference is replaced by what it names. */
export function inline(document: Json): Json {
  const child = (node: Json | undefined, key: string) => (isObject(node) ? node[key] : undefined);
  const target = (pointer: string) => pointer.slice(2).split("/").reduce<Json | undefined>(child, document) ?? null;

  function follow(value: Json): Json {
    if (Array.isArray(value)) return value.map(follow);
    if (!isObject(value)) return value;
    if (typeof value["$ref"] === "string") return follow(target(value["$ref"]));
    return simplified(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, follow(inner)])));
  }
  return follow(document);
}

/** A reference with a text beside it is an allOf, and one that may be null is a oneOf. Without names they are neither. */
function simplified(schema: JsonObject): Json {
  const { allOf, oneOf, ...rest } = schema;
  if (Array.isArray(allOf)) return Object.assign({}, ...allOf, rest) as JsonObject;
  if (!Array.isArray(oneOf) || oneOf.length !== 2) return schema;
  const [named, other] = oneOf;
  const isNullable =
    isObject(named) && typeof named["type"] === "string" && isObject(other) && other["type"] === "null";
  return isNullable ? { ...named, type: [named["type"] as string, "null"], ...rest } : schema;
}

const ADDITIONS: { in: RegExp; key: RegExp }[] = [
  // What is known of a text or of a body only narrows what was free; a test checks that the server means it.
  { in: /./, key: /^(format|headers|links|content|minProperties|pattern)$/ },
  { in: /properties\.model$/, key: /^(enum|anyOf)$/ },
  // Clients handle any error by its body, since the released document says "default".
  { in: /\.responses$/, key: /^[45]\d\d$/ },
  { in: /^$/, key: /^tags$/ },
  { in: /^\.info$/, key: /^(contact|license)$/ },
  { in: /^\.(components(\.\w+)?|webhooks)$/, key: /./ },
];

function withoutAdditions(current: Json, released: Json | undefined, path = ""): Json {
  if (Array.isArray(current))
    return current.map((one, index) =>
      withoutAdditions(one, Array.isArray(released) ? released[index] : undefined, path),
    );
  if (!isObject(current)) return current;
  const before = isObject(released) ? released : {};
  const kept = Object.entries(current).filter(
    ([key]) => key in before || !ADDITIONS.some((one) => one.in.test(path) && one.key.test(key)),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutAdditions(value, before[key], `${path}.${key}`)]));
}

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value);
