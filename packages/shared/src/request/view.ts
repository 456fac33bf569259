/** Makes the public status from a record. Fields are listed one by one, so that no internal field gets out. */
import type { RequestStatus } from "../contract/request.js";
import { isoTime, microToUsd } from "../units.js";
import type { RequestRecord } from "./record.js";

/** Makes the URLs of what is in the output store. */
export interface OutputUrls {
  urlOf(record: RequestRecord, index: number): string;
  posterUrl(record: RequestRecord): string;
}

const isoTimeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

export function requestView(record: RequestRecord, outputUrls: OutputUrls): RequestStatus {
  const urls = urlsOf(record, outputUrls);
  return {
    request_id: record.id,
    id: record.id,
    status: record.status,
    media_type: record.mediaType,
    model: record.cache.madeBy?.model ?? record.model,
    provider: record.cache.madeBy?.provider ?? record.provider,
    mode: record.mode,
    output_url: urls[0] ?? null,
    output_urls: urls,
    poster_url: posterOf(record) === null ? null : outputUrls.posterUrl(record),
    error_code: record.failure?.code ?? null,
    error_message: record.failure?.message ?? null,
    retryable: record.failure?.retryable ?? null,
    progress: record.progress,
    queue_position: record.queuePosition,
    cost: microToUsd(record.costMicro),
    cache_hit: record.cache.sharedFrom !== null,
    cache_reason: record.cache.reason,
    provider_cost_avoided_micro: record.cache.avoidedCostMicro,
    charge_state: record.chargeState,
    latency_ms: record.completedAt === null ? null : record.completedAt - record.createdAt,
    duration_seconds: record.input.durationSeconds,
    callback_id: record.callbackId,
    metadata: record.metadata,
    provider_request_id: record.providerRequestId,
    simulated: record.simulated,
    created_at: isoTime(record.createdAt),
    started_at: isoTimeOrNull(record.startedAt),
    completed_at: isoTimeOrNull(record.completedAt),
  };
}

function urlsOf(record: RequestRecord, outputUrls: OutputUrls): string[] {
  return record.outputs.map((output, index) =>
    output.kind === "remote" ? output.url : outputUrls.urlOf(record, index),
  );
}

/** The poster of a request is that of its first output. */
export function posterOf({ outputs: [first] }: Pick<RequestRecord, "outputs">) {
  if (first?.kind !== "stored" || first.posterSha256 === undefined) return null;
  return { outputKey: first.key, sha256: first.posterSha256 };
}

/** The future URL of the first output; null when it will be the provider's own URL, which is not known yet. */
export function promisedUrl(record: RequestRecord, outputUrls: OutputUrls): string | null {
  return record.copyOutput ? outputUrls.urlOf(record, 0) : null;
}
