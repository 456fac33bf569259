/** What entries of several models share. */
import type { CatalogueEntry } from "./schema.js";

export type VariantEntry = NonNullable<CatalogueEntry["variants"]["text"]>;
export type Params = NonNullable<VariantEntry["params"]>;
type Rule = NonNullable<NonNullable<CatalogueEntry["price"]>["when"]>[number];

export const seed = { type: "integer", min: 0, max: 2 ** 32 - 1 } as const;
/** Providers document no limit; this one is the prompt's. */
export const freeText = { type: "string", maxLength: 10_000 } as const;

/** The price rule of a model whose sound costs extra. */
export const withAudio = (micro: number): Rule[] => [{ params: { generate_audio: true }, micro }];

/** A string of a closed set, with the provider's default. */
export const oneOf = (values: string[], standard: string) =>
  ({ type: "string", values, default: standard }) satisfies Params[string];

export const flag = (standard: boolean) => ({ type: "boolean", default: standard }) as const;
