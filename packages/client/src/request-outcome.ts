/** What a request's status means: whether it has ended, the error of a failed one, the result of a completed one. */
import { apiError, type VisgateError } from "./errors.js";
import { unexpectedAnswer } from "./response.js";
import type { ImageResult, RequestStatus, VideoAnswer } from "./types.generated.js";

export interface VideoResult extends VideoAnswer {
  /** The same as `id`: what the methods of `client.requests` take. */
  requestId: string;
}

export function isTerminal({ status }: RequestStatus): boolean {
  return status === "completed" || status === "failed";
}

/** The error of a failed request: the same that a synchronous call to the API would have got. */
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

/** Money was or may have been spent, or the same call would fail again. Clients do not retry this status. */
const FAILED_DEPENDENCY = 424;

/** For failures that cost nothing. */
const STATUS_OF_CODE: Record<string, number> = {
  PROVIDER_NOT_CONFIGURED: 400,
  CANCELLED: 409,
  VALIDATION_ERROR: 422,
  CONTENT_POLICY_VIOLATION: 422,
  RATE_LIMIT_ERROR: 429,
  INTERNAL_ERROR: 500,
  PROVIDER_ERROR: 502,
  PROVIDER_TIMEOUT: 504,
};
/** The caller has to change the call first: no client retries 400 and 422 by itself. */
const CALLER_ERRORS = new Set(["VALIDATION_ERROR", "PROVIDER_NOT_CONFIGURED"]);

type Failed = Pick<RequestStatus, "retryable" | "chargeState"> & { errorCode: string };

/**
 * The HTTP status with which the API answers a synchronous call whose request has failed. By the gateway's rule, 429
 * and 5xx always mean that nothing was spent and the same call may be sent again.
 */
export function failureStatus({ errorCode, retryable, chargeState }: Failed): number {
  const isFree = chargeState === "none" || chargeState === "released";
  const keepsStatus =
    errorCode === "CONTENT_POLICY_VIOLATION" || (isFree && (retryable === true || CALLER_ERRORS.has(errorCode)));
  return (keepsStatus && STATUS_OF_CODE[errorCode]) || FAILED_DEPENDENCY;
}

export function videoResultOf(status: RequestStatus): VideoResult {
  const { requestId, durationSeconds, outputUrl } = status;
  if (!outputUrl) throw unexpectedAnswer();
  return { ...commonResultOf(status), requestId, videoUrl: outputUrl, durationSeconds };
}

/** Without storage and sizes, which a status does not contain. */
export function imageResultOf(status: RequestStatus): ImageResult {
  if (!status.outputUrls?.[0]) throw unexpectedAnswer();
  return { ...commonResultOf(status), images: status.outputUrls, outputStorage: null, outputSizeBytes: null };
}

function commonResultOf(status: RequestStatus) {
  const { requestId: id, model, provider, mode, cost, cacheHit, cacheReason, createdAt } = status;
  return {
    ...{ id, model, provider, mode, cost, cacheHit, cacheReason, latencyMs: status.latencyMs ?? 0, createdAt },
    ...(cacheHit ? { providerCostAvoidedMicro: status.providerCostAvoidedMicro } : {}),
  };
}
