/** A price as people read it: "$0.20 per second, $0.40 with audio". */
import type { CatalogueModel } from "./schema.js";

type Price = CatalogueModel["price"];
type Rule = Price["when"][number];

/** Of more prices than these, only the lowest and the highest are named. */
const MAX_PRICES = 4;
/** Longer lists of values are shortened. */
const MAX_VALUES = 3;
/** Params that name a size or a quality: their values need no name. */
const SIZES = /^(aspect_ratio|image_size|quality|ratio|resolution|size)$/;

/** Null when the price is not known. */
export function priceText({ unit: name, micro, when }: Price): string | null {
  const unit = name === "thousand_tokens" ? "1000 tokens" : name;
  const known = [...(micro === null ? [] : [micro]), ...when.map((rule) => rule.micro)];
  if (known.length > MAX_PRICES) return `${usdText(Math.min(...known))} to ${usdText(Math.max(...known))} per ${unit}`;
  const [first = "", ...rest] = [
    ...(micro === null ? [] : [[micro, ""] as const]),
    ...when.map((rule) => [rule.micro, conditionText(rule)] as const),
  ].map(([amount, condition], index) => `${usdText(amount)}${index === 0 ? ` per ${unit}` : ""}${condition}`);
  return first === "" ? null : [first, ...rest].join(", ");
}

function conditionText({ params }: Rule): string {
  const parts = Object.entries(params).map(([name, values]) => paramText(name, [values].flat()));
  return ` ${parts.join(" and ")}`;
}

function paramText(name: string, values: (string | boolean)[]): string {
  const words = name.replace(/^(generate|enable)_/, "").replaceAll("_", " ");
  const [value] = values;
  if (typeof value === "boolean") return `${value ? "with" : "without"} ${words}`;
  return SIZES.test(name) ? `at ${listText(values, `${words}s`)}` : `with ${words} ${listText(values, "values")}`;
}

function listText(values: (string | boolean)[], plural: string): string {
  if (values.length > MAX_VALUES) return `${values[0]} and ${values.length - 1} other ${plural}`;
  return values.length === 1 ? String(values[0]) : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}

/** Cents, and more digits only where the price has them. */
export function usdText(micro: number): string {
  const [whole = "", fraction = ""] = (micro / 1e6).toFixed(6).split(".");
  return `$${whole}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
}
