/**
 * The prices of the simulated providers. They come from the catalogue, because not every provider has a list. Which price
 * applies is decided by the simulator's own rule: it reads the input as the provider does, with its defaults.
 */
import { PROVIDERS } from "@visgate/providers";

type Entry = (typeof PROVIDERS)[number]["models"][number];
type Variant = NonNullable<Entry["variants"]["text"]>;
type Rule = NonNullable<NonNullable<Entry["price"]>["when"]>[number];
type Input = Readonly<Record<string, unknown>>;

/** The price of one unit, in micro-USD. Null when it is not known. */
export function unitPrice(provider: string, endpoint: string, input: unknown): number | null {
  const { variant, price } = entryOf(provider, endpoint) ?? {};
  if (variant === undefined || price === undefined) return null;
  return price.when?.find((rule) => applies(rule, variant, input as Input))?.micro ?? price.micro;
}

/** What a list of prices without inputs says: the price of the entry itself. Null when it has none. */
export function listPrice(provider: string, endpoint: string): { unit: string; micro: number } | null {
  const { price } = entryOf(provider, endpoint) ?? {};
  if (price === undefined || price.micro === null) return null;
  return { unit: price.unit.replace("thousand_tokens", "1000 tokens"), micro: price.micro };
}

function entryOf(provider: string, endpoint: string) {
  const { models } = PROVIDERS.find(({ manifest }) => manifest.name === provider) ?? { models: [] };
  for (const { variants, price } of models) {
    const variant = Object.values(variants).find((one) => one?.endpoint === endpoint);
    if (variant !== undefined && price !== undefined) return { variant, price };
  }
  return null;
}

function applies({ params }: Rule, variant: Variant, input: Input): boolean {
  return Object.entries(params).every(([name, wanted]) => {
    const { field = name, ...spec } = variant.params?.[name] ?? {};
    const map: Readonly<Record<string, string>> = ("map" in spec && spec.map) || {};
    return [wanted].flat().some((value) => input[field] === (map[String(value)] ?? value));
  });
}
