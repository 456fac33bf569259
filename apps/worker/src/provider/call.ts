/** Everything a step needs to call a request's provider. */
import type { Call, ProviderAdapter } from "@visgate/providers";
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

export interface ProviderCall {
  adapter: ProviderAdapter;
  call(signal: AbortSignal): Call;
}

/** Null when there is no key for it (any more). */
export async function providerCallFor(deps: Deps, record: RequestRecord): Promise<ProviderCall | null> {
  const setup = deps.providers.get(record.provider);
  if (setup === undefined) return null;
  const apiKey = record.mode === "byok" ? await callerKey(deps, record) : setup.apiKey;
  return apiKey === null ? null : { adapter: setup.adapter, call: (signal) => ({ apiKey, signal }) };
}

async function callerKey(deps: Deps, record: RequestRecord): Promise<string | null> {
  const encrypted = await deps.store.requests.providerKey(record);
  if (encrypted === null) return null;
  try {
    return deps.secrets.decrypt(encrypted, record.id);
  } catch {
    deps.log.error({ requestId: record.id }, "a provider key cannot be decrypted; was VISGATE_SECRET changed?");
    return null;
  }
}

/** Times the call and counts how it ended. */
export async function measured<T extends { kind: string } | string>(
  deps: Deps,
  provider: string,
  name: "submit" | "locate" | "poll" | "cancel" | "upload",
  run: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let kind = "error";
  try {
    const result = await run();
    kind = typeof result === "string" ? result : result.kind;
    return result;
  } finally {
    deps.metrics.observeProviderCall(provider, name, kind, performance.now() - began);
  }
}

/** The caller's own account signs with a secret we do not know: there the provider is polled. */
export function reportUrlOf(deps: Deps, record: RequestRecord): string | null {
  const reportUrls = deps.providers.get(record.provider)?.reportUrls ?? null;
  return reportUrls === null || record.mode === "byok" ? null : reportUrls.urlOf(record.provider, record);
}

/** Some providers keep outputs behind the key. */
export async function outputHeadersFor(
  deps: Deps,
  record: RequestRecord,
  url: string,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (deps.providers.get(record.provider)?.adapter.outputHeaders === undefined) return {};
  const provider = await providerCallFor(deps, record);
  const job = { endpoint: record.endpoint, id: record.providerRequestId ?? "" };
  return provider?.adapter.outputHeaders?.(url, job, provider.call(signal)) ?? {};
}
