/**
 * Compares the prices of the catalogue with the providers' own. A provider that can be asked is asked. The others, and
 * those that cannot be asked now, are compared with the figures that this version was published with: they differ where
 * the operator's CATALOGUE_FILE has another price.
 */
import { type ListedPrice, PROVIDERS, type Provider } from "@visgate/providers";
import {
  type CatalogueModel,
  catalogueModel,
  compareWithListed,
  compareWithPublished,
  priceText,
  usdText,
} from "@visgate/shared/catalogue";
import type { PricesReport } from "@visgate/shared/contract";
import type { Deps } from "../deps.js";

type PriceDeps = Pick<Deps, "catalogue" | "askPrices" | "settings">;
type Row = PricesReport["prices"][number];
interface Compared {
  provider: PricesReport["providers"][number];
  prices: Row[];
}

export async function readPrices(deps: PriceDeps): Promise<PricesReport> {
  const all = await Promise.all(PROVIDERS.map((provider) => compare(deps, provider)));
  const prices = all.flatMap((one) => one.prices);
  return {
    providers: all.map(({ provider }) => provider),
    prices,
    differences: prices.filter(({ result }) => result === "different").length,
  };
}

async function compare(deps: PriceDeps, provider: Provider): Promise<Compared> {
  const { name } = provider.manifest;
  const models = [...deps.catalogue.values()].filter((model) => model.provider === name);
  const listed = await listedPrices(deps, provider, models);
  if (!Array.isArray(listed)) {
    const prices = models.map((model) => withPublished(provider, model));
    return { provider: { provider: name, compared_with: "published", message: listed.why }, prices };
  }
  const message = deps.settings.providers.get(name)?.simulated ? "The list is the simulator's." : null;
  const prices = models.flatMap((model) => endpointsOf(model).map((endpoint) => withListed(model, endpoint, listed)));
  return { provider: { provider: name, compared_with: "provider", message }, prices };
}

const endpointsOf = ({ variants: { text, image } }: CatalogueModel): string[] => [
  ...new Set([text, image].flatMap((variant) => variant?.endpoint ?? [])),
];

/** `why`: why there is no list. */
async function listedPrices(
  { askPrices, settings }: PriceDeps,
  { manifest: { name, title, keyVariable }, hasPriceList = false }: Provider,
  models: CatalogueModel[],
): Promise<ListedPrice[] | { why: string }> {
  const apiKey = settings.providers.get(name)?.apiKey ?? null;
  if (!hasPriceList) return { why: `${title} has no API for its prices.` };
  if (apiKey === null) return { why: `${title} cannot be asked, because ${keyVariable} is not set.` };
  const answer = await askPrices(name, apiKey, [...new Set(models.flatMap(endpointsOf))]);
  if (answer?.kind === "listed") return answer.prices;
  if (answer?.kind === "refused") return { why: `${title} refuses the key of ${keyVariable}.` };
  return { why: `${title} cannot be asked now${answer === null ? "" : ` (${answer.cause})`}.` };
}

function withListed(model: CatalogueModel, endpoint: string, listed: readonly ListedPrice[]): Row {
  const found = listed.find((one) => one.endpoint === endpoint);
  return {
    ...rowOf(model),
    endpoint,
    result: found === undefined ? "not_listed" : compareWithListed(model.price, found.price),
    other: found === undefined || found.micro === null ? null : `${usdText(found.micro)} per ${found.unit}`,
    source: found === undefined ? null : "the provider's API",
    seen_at: null,
  };
}

function withPublished({ models }: Provider, model: CatalogueModel): Row {
  const entry = models.find(({ id }) => id === model.id);
  if (entry === undefined) return { ...rowOf(model), result: "not_listed", other: null, source: null, seen_at: null };
  const published = catalogueModel.parse(entry);
  return {
    ...rowOf(model),
    result: compareWithPublished(model.price, published.price),
    other: priceText(published.price),
    source: published.source?.price ?? null,
    seen_at: published.source?.seenAt ?? null,
  };
}

const rowOf = ({ id, provider, price }: CatalogueModel) => ({
  model: id,
  provider,
  endpoint: null,
  catalogue: priceText(price),
});
