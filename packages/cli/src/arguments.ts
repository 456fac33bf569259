/** Reads the values of options. What is wrong is refused before anything is sent. */
import { InvalidArgumentError } from "commander";
import { UsageError } from "./errors/failure.js";

export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

export function integerFrom(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= minimum) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`);
  };
}

export function commaList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

export const append = (value: string, before: string[] = []): string[] => [...before, value];

/** Refuses an option that is given twice: commander would silently use the last value. */
export function once(option: string): (value: string, before?: string) => string {
  return (value, before) => {
    if (before === undefined) return value;
    throw new UsageError(`${option} is given twice.`);
  };
}

/** A value that is valid JSON is used as JSON (`seed=42`, `audio=false`), any other as text. `id="42"` stays text. */
export function parseParams(pairs: readonly string[]): Record<string, unknown> {
  const entries = pairs.map(parsePair);
  const names = entries.map(([name]) => name);
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) throw new UsageError(`--param ${repeated} is given twice.`);
  return Object.fromEntries(entries);
}

function parsePair(pair: string): [string, unknown] {
  const at = pair.indexOf("=");
  if (at < 1) throw new UsageError(`--param takes key=value, not ${pair}.`);
  return [pair.slice(0, at), parseValue(pair.slice(at + 1))];
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The options that were given. The client's types do not accept undefined for an option that is left out. */
export function omitUndefined<T extends object>(fields: { [Name in keyof T]?: T[Name] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
