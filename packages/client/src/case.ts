/** camelCase here, snake_case on the wire. Keys of maps (metadata, params …) are data and stay as they are. */
import { MAPS } from "./types.generated.js";

const maps = new Set(MAPS);

export function fromWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camelCase(name), maps.has(name) ? inner : fromWire(inner)]),
  );
}

/** Names of one level; what is left out or undefined is not sent. */
export function toWire(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
