/** Calls to a request's provider: the adapter, the key, the time each call takes, and the URLs around it. */
import type { Call, CancelResult, ProviderAdapter } from "@visgate/providers";
import { keyOfProvider } from "@visgate/shared/organization";
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

const CANCEL_TIMEOUT_MS = 20_000;

export interface ProviderCall {
  adapter: ProviderAdapter;
  call(signal: AbortSignal): Call;
}

/** Null when there is no key for it (any more). */
export async function providerCallFor(deps: Deps, record: RequestRecord): Promise<ProviderCall | null> {
  const setup = deps.providers.get(record.provider);
  if (setup === undefined) return null;
  const apiKey = record.mode === "byok" ? await ownKey(deps, record) : setup.apiKey;
  return apiKey === null ? null : { adapter: setup.adapter, call: (signal) => ({ apiKey, signal }) };
}

/** The caller's or the organization's key, of which the request has its own copy until it ends. */
async function ownKey(deps: Deps, record: RequestRecord): Promise<string | null> {
  const encrypted = await deps.store.requests.providerKey(record);
  if (encrypted === null) return null;
  try {
    const keys = deps.secrets.decrypt(encrypted, record.id);
    return record.fallback === undefined ? keys : keyOfProvider(keys, record.provider);
  } catch {
    deps.log.error({ requestId: record.id }, "a provider key cannot be decrypted; was VISGATE_SECRET changed?");
    return null;
  }
}

/** Asks the provider to stop the job. Null when it could not be asked. */
export async function cancelAtProvider(deps: Deps, record: RequestRecord): Promise<CancelResult | null> {
  const provider = await providerCallFor(deps, record);
  if (provider === null || record.providerRequestId === null) return null;
  const job = { endpoint: record.endpoint, id: record.providerRequestId };
  const call = provider.call(AbortSignal.timeout(CANCEL_TIMEOUT_MS));
  return measured(deps, record.provider, "cancel", () => provider.adapter.cancel(job, call)).catch(() => null);
}

/** Measures how long a call takes, by its result. */
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
    noteOnSpan(deps, name, kind);
    return result;
  } finally {
    deps.metrics.observeProviderCall(provider, name, kind, performance.now() - began);
  }
}

/** What a look at a provider shows as long as there is nothing to do. */
const NOTHING_NEW = new Set(["queued", "running", "absent"]);

function noteOnSpan({ tracing }: Deps, name: string, kind: string): void {
  const span = tracing.current();
  span.set({ "visgate.provider_call": name, "visgate.provider_answer": kind });
  if (!NOTHING_NEW.has(kind)) span.keep();
}

/** Null for a key that is not the server's: that account signs its reports with a secret this server does not know. */
export function reportUrlOf(deps: Deps, record: RequestRecord): string | null {
  const reportUrls = deps.providers.get(record.provider)?.reportUrls ?? null;
  return reportUrls === null || record.mode === "byok" ? null : reportUrls.urlOf(record.provider, record);
}

/** The headers to fetch an output with. Some providers hand out outputs only to the key that made them. */
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
