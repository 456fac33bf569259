/** From the client's camelCase back to the names that the API and its documentation use. */

/** Their keys are data, not names. */
const MAPS = new Set(["metadata", "params", "pricing"]);

export function toApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toApi);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [snakeCase(name), MAPS.has(name) ? inner : toApi(inner)]),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
