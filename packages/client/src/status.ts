/** What a request's status means: whether it has ended, the error it ended with, the video it made. */
import { unexpected } from "./answer.js";
import { apiError, type VisgateError } from "./errors.js";
import { failureStatus } from "./failure-status.js";
import type { ImageResult, RequestStatus, VideoAnswer } from "./types.generated.js";

export interface VideoResult extends VideoAnswer {
  /** The same as `id`; what `client.requests` takes. */
  requestId: string;
}

export function isTerminal({ status }: RequestStatus): boolean {
  return status === "completed" || status === "failed";
}

/** The error that a failed request ended with, as a call that had waited for it would have got it. */
export function failureOf(status: RequestStatus): VisgateError {
  const errorCode = status.errorCode ?? "PROVIDER_ERROR";
  return apiError({
    errorCode,
    message: status.errorMessage ?? "The generation failed.",
    statusCode: failureStatus({ ...status, errorCode }),
    retryable: status.retryable === true,
    details: {
      request_id: status.requestId,
      provider: status.provider,
      retryable: status.retryable,
      charge_state: status.chargeState,
    },
  });
}

export function videoResultOf(status: RequestStatus): VideoResult {
  const { requestId, durationSeconds, outputUrl } = status;
  if (!outputUrl) throw unexpected();
  return { ...commonResultOf(status), requestId, videoUrl: outputUrl, durationSeconds };
}

/** Without its storage and sizes, which a status does not tell. */
export function imageResultOf(status: RequestStatus): ImageResult {
  if (!status.outputUrls?.[0]) throw unexpected();
  return { ...commonResultOf(status), images: status.outputUrls, outputStorage: null, outputSizeBytes: null };
}

function commonResultOf(status: RequestStatus) {
  const { requestId: id, model, provider, mode, cost, cacheHit, cacheReason, createdAt } = status;
  return {
    ...{ id, model, provider, mode, cost, cacheHit, cacheReason, latencyMs: status.latencyMs ?? 0, createdAt },
    ...(cacheHit ? { providerCostAvoidedMicro: status.providerCostAvoidedMicro } : {}),
  };
}
