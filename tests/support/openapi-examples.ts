/** Sends an operation of the OpenAPI document as the docs page sends it: with its examples and defaults. */

// biome-ignore lint/suspicious/noExplicitAny: the document is read like any client reads it
type Any = any;

export interface Operation {
  id: string;
  method: string;
  path: string;
  parameters: Any[];
  example: unknown;
}

export function operationsOf(document: Any): Operation[] {
  return Object.entries<Any>(document.paths).flatMap(([path, item]) =>
    Object.entries<Any>(item).map(([method, { operationId, parameters = [], requestBody }]) => ({
      ...{ id: operationId, method: method.toUpperCase(), path, parameters },
      example: requestBody?.content["application/json"]?.example,
    })),
  );
}

/** `given` replaces examples that can only be placeholders, as the id of a request. */
export function requestOf({ method, path, parameters, example }: Operation, given: Record<string, string>) {
  const query = new URLSearchParams();
  const headers: Record<string, string> = example === undefined ? {} : { "content-type": "application/json" };
  let url = path;
  for (const { name, in: place, schema } of parameters) {
    const value = given[name] ?? schema.example ?? schema.default;
    if (value === undefined) continue;
    if (place === "path") url = url.replace(`{${name}}`, encodeURIComponent(value));
    if (place === "query") query.set(name, value);
    if (place === "header") headers[name] = value;
  }
  const body = example === undefined ? {} : { body: JSON.stringify(example) };
  return { url: query.size === 0 ? url : `${url}?${query}`, method, headers, ...body };
}
