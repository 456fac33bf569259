/**
 * The API's calls to providers. They check an account, or that a report really comes from the provider. No submit of a
 * caller waits for them.
 */
import { type AccountResult, type PricesResult, providerOf, type ReportVerifier } from "@visgate/providers";
import type { ProviderConfig } from "@visgate/shared/runtime";

const TIMEOUT_MS = 10_000;
/** It may take a call for every endpoint. */
const PRICES_TIMEOUT_MS = 60_000;

type Providers = ReadonlyMap<string, ProviderConfig>;

interface Clients {
  fetch: typeof fetch;
  now: () => number;
}

/** Null when the provider has no call for its prices. */
export function createPriceReader(providers: Providers, { fetch, now }: Clients) {
  return async (provider: string, apiKey: string, endpoints: readonly string[]): Promise<PricesResult | null> => {
    const config = providers.get(provider);
    if (config === undefined) return null;
    const adapter = await providerOf(provider).createAdapter({ ...config, fetch, freshFetch: fetch, now });
    return (await adapter.prices?.(endpoints, { apiKey, signal: AbortSignal.timeout(PRICES_TIMEOUT_MS) })) ?? null;
  };
}

/** Loads a provider's SDK at the first question only, because most API processes never ask one. */
export function createAccountReader(providers: Providers, { fetch, now }: Clients) {
  return async (provider: string, apiKey: string): Promise<AccountResult> => {
    const config = providers.get(provider);
    if (config === undefined) return { kind: "unavailable", cause: "not set up" };
    const adapter = await providerOf(provider).createAdapter({ ...config, fetch, freshFetch: fetch, now });
    return adapter.account({ apiKey, signal: AbortSignal.timeout(TIMEOUT_MS) });
  };
}

export function createReportVerifiers(providers: Providers, clients: Clients): ReadonlyMap<string, ReportVerifier> {
  const verifiers = new Map<string, ReportVerifier>();
  for (const [name, { apiKey, baseUrl, urls }] of providers) {
    // Without its own key the server submits no job whose report it could verify.
    if (apiKey === null) continue;
    const verifier = providerOf(name).createReportVerifier?.({ apiKey, baseUrl, urls, ...clients });
    if (verifier !== undefined) verifiers.set(name, verifier);
  }
  return verifiers;
}
