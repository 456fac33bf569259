/** What the API asks of providers, none of it while a caller submits: accounts, and whether a report is genuine. */
import { type AccountResult, providerOf, type ReportVerifier } from "@visgate/providers";
import type { ProviderConfig } from "@visgate/shared/runtime";

const TIMEOUT_MS = 10_000;

type Providers = ReadonlyMap<string, ProviderConfig>;

interface Means {
  fetch: typeof fetch;
  now: () => number;
}

/** The SDKs are loaded at the first question: most API processes never ask one. */
export function createAccountReader(providers: Providers, { fetch, now }: Means) {
  return async (provider: string, apiKey: string): Promise<AccountResult> => {
    const config = providers.get(provider);
    if (config === undefined) return { kind: "unavailable", cause: "not set up" };
    const adapter = await providerOf(provider).createAdapter({ ...config, fetch, freshFetch: fetch, now });
    return adapter.account({ apiKey, signal: AbortSignal.timeout(TIMEOUT_MS) });
  };
}

export function createReportVerifiers(providers: Providers, means: Means): ReadonlyMap<string, ReportVerifier> {
  const verifiers = new Map<string, ReportVerifier>();
  for (const [name, { apiKey, baseUrl, urls }] of providers) {
    // Without a key of its own the server submits nothing that would be reported to it.
    if (apiKey === null) continue;
    const verifier = providerOf(name).createReportVerifier?.({ apiKey, baseUrl, urls, ...means });
    if (verifier !== undefined) verifiers.set(name, verifier);
  }
  return verifiers;
}
