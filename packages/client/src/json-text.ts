/** The body of a call as the text that is sent: made once, so that every try and replay says the same. */
import { toWire } from "./case.js";
import { ValidationError } from "./errors.js";

/**
 * Names of the first level in snake_case, as they are below. What is undefined is left out, as JSON has it.
 * @throws ValidationError naming the field that JSON cannot take, or could only take as something else
 */
export function jsonText(fields: object): string {
  const members = Object.entries(toWire(fields)).map(
    ([name, value]) => `${JSON.stringify(name)}:${textOf(name, value)}`,
  );
  return `{${members.join(",")}}`;
}

function textOf(field: string, value: unknown): string {
  try {
    return JSON.stringify(value, refuseWhatWouldChange) ?? refuse("nothing");
  } catch (cause) {
    const message = `${field} cannot be sent as JSON.`;
    throw new ValidationError({ message, errorCode: "VALIDATION_ERROR", details: { field }, cause });
  }
}

/** Left to itself, JSON drops functions and makes null of NaN: the generation that is paid for would be another one. */
function refuseWhatWouldChange(_: string, value: unknown): unknown {
  const isOther = typeof value === "number" ? !Number.isFinite(value) : /function|symbol/.test(typeof value);
  return isOther ? refuse(String(typeof value)) : value;
}

function refuse(what: string): never {
  throw new TypeError(`JSON has no ${what}.`);
}
