/** Converts between the API's JSON (snake_case) and the objects of this client (camelCase). */
import { ValidationError } from "./errors.js";
import { MAPS } from "./types.generated.js";

/** Fields that hold a map: its keys are the caller's data and keep their spelling. */
const maps = new Set(MAPS);

/** Every field may be left out or undefined, also under `exactOptionalPropertyTypes`. */
export type OptionalFields<Fields> = { [Name in keyof Fields]?: Fields[Name] | undefined };

/** Renames the fields of a parsed answer to camelCase, at every depth. */
export function fromWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camelCase(name), maps.has(name) ? inner : fromWire(inner)]),
  );
}

/** Renames the fields of one level to snake_case and drops those that are undefined. */
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

/**
 * The body of a call as JSON text. It is made once, so that every retry and replay sends the same text.
 * @throws ValidationError naming the field that JSON cannot hold, or would silently change
 */
export function requestBody(fields: object): string {
  const members = Object.entries(toWire(fields)).map(
    ([name, value]) => `${JSON.stringify(name)}:${jsonOf(name, value)}`,
  );
  return `{${members.join(",")}}`;
}

function jsonOf(field: string, value: unknown): string {
  try {
    return JSON.stringify(value, rejectLossy) ?? notInJson("nothing");
  } catch (cause) {
    const message = `${field} cannot be sent as JSON.`;
    throw new ValidationError({ message, errorCode: "VALIDATION_ERROR", details: { field }, cause });
  }
}

/** JSON alone drops functions and turns NaN into null: the caller would pay for another generation than intended. */
function rejectLossy(_: string, value: unknown): unknown {
  const isLossy = typeof value === "number" ? !Number.isFinite(value) : /function|symbol/.test(typeof value);
  return isLossy ? notInJson(typeof value === "number" ? String(value) : `value of type ${typeof value}`) : value;
}

function notInJson(what: string): never {
  throw new TypeError(`JSON cannot hold ${what}.`);
}

/** Fields that an object must have, with the types each may have: `{ nextCursor: "string null" }`. */
export type ExpectedFields = Readonly<Record<string, string>>;

/** Parsed JSON as a list in camelCase; null when it is not a list. */
export function readList(json: unknown): unknown[] | null {
  try {
    return Array.isArray(json) ? (fromWire(json) as unknown[]) : null;
  } catch {
    // It is nested deeper than the call stack allows.
    return null;
  }
}

/** Parsed JSON as an object in camelCase; null when it is not an object, or an expected field is missing or wrong. */
export function readObject(json: unknown, expected: ExpectedFields): Record<string, unknown> | null {
  if (typeName(json) !== "object") return null;
  try {
    const object = fromWire(json) as Record<string, unknown>;
    return hasFields(object, expected) ? object : null;
  } catch {
    // It is nested deeper than the call stack allows.
    return null;
  }
}

export function hasFields(object: Record<string, unknown>, expected: ExpectedFields): boolean {
  return Object.entries(expected).every(([name, types]) => types.split(" ").includes(typeName(object[name])));
}

/** As `typeof`, but tells null and arrays from other objects. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
