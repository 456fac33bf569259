/** What an answer must have to be the gateway's: a few names and their kinds, in camelCase. No schema library. */
import { fromWire } from "./case.js";

/** As `{ nextCursor: "string null" }`: each name with the kinds that it may be of. */
export type Shape = Readonly<Record<string, string>>;

/** In camelCase, when it is what it should be; else null. */
export function fitting(body: unknown, shape: Shape): Record<string, unknown> | null {
  if (kindOf(body) !== "object") return null;
  try {
    const answer = fromWire(body) as Record<string, unknown>;
    return fits(answer, shape) ? answer : null;
  } catch {
    // Nested deeper than the stack.
    return null;
  }
}

export function fits(answer: Record<string, unknown>, shape: Shape): boolean {
  return Object.entries(shape).every(([name, kinds]) => kinds.split(" ").includes(kindOf(answer[name])));
}

export function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
