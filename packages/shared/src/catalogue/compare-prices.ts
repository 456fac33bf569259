/** Compares the price of a model in the catalogue with a price that is said elsewhere. */
import type { CatalogueModel, PriceUnit } from "./schema.js";

type Price = CatalogueModel["price"];

/**
 * `different`: also when the catalogue has no price. `not_comparable`: they are in different units, and one cannot be
 * computed from the other. `not_listed`: nothing to compare with.
 */
export const PRICE_COMPARISONS = ["same", "different", "not_comparable", "not_listed"] as const;
export type PriceComparison = (typeof PRICE_COMPARISONS)[number];

const pricesOf = ({ micro, when }: Price): number[] => [
  ...(micro === null ? [] : [micro]),
  ...when.map((one) => one.micro),
];

/**
 * `listed`: one price of a provider that names no inputs, as the lowest or the usual one. So it is the same when it is
 * one of the prices in the catalogue.
 */
export function compareWithListed(price: Price, listed: { unit: PriceUnit; micro: number } | null): PriceComparison {
  if (listed === null) return "not_comparable";
  const known = pricesOf(price);
  if (known.length === 0) return "different";
  if (listed.unit !== price.unit) return "not_comparable";
  return known.includes(listed.micro) ? "same" : "different";
}

/** `published`: the whole price as the built-in entry has it. */
export function compareWithPublished(price: Price, published: Price): PriceComparison {
  if (pricesOf(published).length === 0) return "not_listed";
  const text = ({ unit, micro, when }: Price) =>
    JSON.stringify([unit, micro, when.map((one) => JSON.stringify(one)).sort()]);
  return text(price) === text(published) ? "same" : "different";
}
