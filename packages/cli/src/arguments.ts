/** Values of options, checked before anything is sent. */
import { InvalidArgumentError } from "commander";
import { UsageError } from "./errors/failure.js";

export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It takes a number above 0.");
}

export function wholeFrom(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= minimum) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${minimum}.`);
  };
}

export function commaList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

export const append = (value: string, before: string[] = []): string[] => [...before, value];

/** For what commander would take the last one of. */
export function once(option: string): (value: string, before?: string) => string {
  return (value, before) => {
    if (before === undefined) return value;
    throw new UsageError(`${option} is given twice.`);
  };
}

/** `seed=42`, `audio=false`, `size={"width":9}` are what JSON says they are; all else is text, as is `name='"42"'`. */
export function parseParams(pairs: readonly string[]): Record<string, unknown> {
  const entries = pairs.map(parsePair);
  const names = entries.map(([name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UsageError(`--param ${twice} is given twice.`);
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
