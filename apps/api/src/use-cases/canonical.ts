/** One text for one meaning: the same body hashes the same whatever the order of its keys. */
import * as crypto from "node:crypto";

export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** Not by a replacer of JSON.stringify, which costs a submit twice as much. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sorted);
  const given = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(given).sort()) result[key] = sorted(given[key]);
  return result;
}

/** In one call where Node has it (20.12): half the time of a Hash object. */
export const sha256: (text: string) => string =
  crypto.hash === undefined
    ? (text) => crypto.createHash("sha256").update(text).digest("hex")
    : (text) => crypto.hash("sha256", text);
