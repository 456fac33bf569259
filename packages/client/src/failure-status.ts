/** The HTTP status that the API answers a synchronous call with whose request has failed. */
import type { RequestStatus } from "./types.generated.js";

/** Money was or may have been spent, or the same call would fail again. Clients do not retry this status. */
const FAILED_DEPENDENCY = 424;

/** While nothing was spent. */
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
/** The caller has to change the call: no client repeats 400 and 422 by itself. */
const CALLERS_FAULT = new Set(["VALIDATION_ERROR", "PROVIDER_NOT_CONFIGURED"]);

type Failed = Pick<RequestStatus, "retryable" | "chargeState"> & { errorCode: string };

/** The gateway's rule, by which 429 and 5xx always mean: nothing was spent, and the same call may be sent again. */
export function failureStatus({ errorCode, retryable, chargeState }: Failed): number {
  const isFree = chargeState === "none" || chargeState === "released";
  const keepsStatus =
    errorCode === "CONTENT_POLICY_VIOLATION" || (isFree && (retryable === true || CALLERS_FAULT.has(errorCode)));
  return (keepsStatus && STATUS_OF_CODE[errorCode]) || FAILED_DEPENDENCY;
}
