/**
 * The prices of the simulated providers. They come from the catalogue, because no provider has an API for prices. Which
 * price applies is decided by the simulator's own rule: it reads the input as the provider does, with its defaults.
 */
import { PROVIDERS } from "@visgate/providers";

type Entry = (typeof PROVIDERS)[number]["models"][number];
type Variant = NonNullable<Entry["variants"]["text"]>;
type Rule = NonNullable<NonNullable<Entry["price"]>["when"]>[number];
type Input = Readonly<Record<string, unknown>>;

/** The price of one unit, in micro-USD. Null when it is not known. */
export function unitPrice(provider: string, endpoint: string, input: unknown): number | null {
  const { models } = PROVIDERS.find(({ manifest }) => manifest.name === provider) ?? { models: [] };
  for (const { variants, price } of models) {
    const variant = Object.values(variants).find((one) => one?.endpoint === endpoint);
    if (variant === undefined || price === undefined) continue;
    return price.when?.find((rule) => applies(rule, variant, input as Input))?.micro ?? price.micro;
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
