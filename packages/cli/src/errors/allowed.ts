/** What a field takes, in plain words. */
import { inOurWords } from "../screen/words.js";

/** As `4, 6, 8` or `at most 10`; "" when it is not known, or `message` tells it already. */
export function allowedText(allowed: unknown, message: string): string {
  // A text names a kind of value, which messages do in better words.
  if (typeof allowed !== "object" || allowed === null) return "";
  const values = Object.entries(allowed).flatMap(([name, value]) => (name === "exclusive" ? [] : [shown(value)]));
  if (values.every((value) => says(message, value))) return "";
  return Array.isArray(allowed) ? values.join(", ") : boundsText(allowed as Record<string, unknown>);
}

function boundsText({ minimum, maximum, exclusive, ...others }: Record<string, unknown>): string {
  const [least, most] = exclusive === true ? ["more than", "less than"] : ["at least", "at most"];
  return [
    ...(minimum === undefined ? [] : [`${least} ${minimum}`]),
    ...(maximum === undefined ? [] : [`${most} ${maximum}`]),
    // As maximum_bytes.
    ...Object.entries(others).map(([name, value]) => `${name.replaceAll("_", " ")} ${shown(value)}`),
  ].join(", ");
}

const shown = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? Object.values(value).map(shown).join(", ")
    : inOurWords(String(value), null);

/** As a whole word: 8 is not in 18. */
function says(message: string, value: string): boolean {
  const literal = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${literal}(?![\\w-]|\\.\\w)`).test(message);
}
