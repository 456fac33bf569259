/** What the API asks of providers, none of it while a caller submits: accounts, and whose webhooks are genuine. */
import type { AccountResult } from "@visgate/providers";
import { createReportVerifier, type ReportVerifier } from "@visgate/providers/webhooks";
import type { ProviderConfig } from "@visgate/shared/config";

const TIMEOUT_MS = 10_000;

type Providers = ReadonlyMap<string, ProviderConfig>;

interface Means {
  fetch: typeof fetch;
  now: () => number;
}

/** The SDKs are loaded at the first question: most API processes never ask one. */
export function createAccountReader(providers: Providers, { fetch, now }: Means) {
  return async (provider: string, apiKey: string): Promise<AccountResult> => {
    const baseUrl = providers.get(provider)?.baseUrl ?? "";
    const { createAdapter } = await import("@visgate/providers");
    const adapter = createAdapter(provider, { baseUrl, platformUrl: null, fetch, freshFetch: fetch, now });
    return adapter.account({ apiKey, signal: AbortSignal.timeout(TIMEOUT_MS) });
  };
}

export function createReportVerifiers(
  providers: Providers,
  { jwksUrl, fetch, now }: Means & { jwksUrl: string },
): ReadonlyMap<string, ReportVerifier> {
  const verifiers = new Map<string, ReportVerifier>();
  for (const [name, { apiKey, baseUrl, reports }] of providers) {
    // Without a key of its own the server submits nothing that would be reported to it.
    if (!reports || apiKey === null) continue;
    const verifier = createReportVerifier(name, { apiKey, baseUrl, jwksUrl, fetch, now });
    if (verifier !== null) verifiers.set(name, verifier);
  }
  return verifiers;
}
