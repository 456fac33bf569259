/**
 * The law of status codes: an answer of 429 or 5xx means that nothing was spent and the same call may be sent again.
 * Clients that we do not control repeat such calls on their own, without an idempotency key. So a request that was or
 * may have been paid for, or that would fail again, is answered 424, which clients do not retry.
 */
import { ERROR_STATUS, type Failure, type FailureCode } from "../errors.js";
import type { ChargeState, RequestRecord } from "./record.js";

export const FAILED_DEPENDENCY = 424;

/** The provider refused the content: the caller has to change the call, as after a 422 of our own. */
const REFUSED_CONTENT: ReadonlySet<FailureCode> = new Set<FailureCode>(["CONTENT_POLICY_VIOLATION"]);
/** Errors in the call itself. Clients do not repeat these statuses, so they are kept when nothing was spent. */
const CALLERS_FAULT: ReadonlySet<FailureCode> = new Set<FailureCode>([
  ...(["BUDGET_EXCEEDED", "VALIDATION_ERROR", "PROVIDER_NOT_CONFIGURED"] as const),
]);
/** The output was or may have been paid for, by this request or by the leader that it followed. */
const NEVER_REPEATED: ReadonlySet<FailureCode> = new Set<FailureCode>(["SUBMIT_UNKNOWN", "OUTPUT_UNAVAILABLE"]);

interface Spent {
  retryable: boolean;
  chargeState: ChargeState;
}

const isFree = (chargeState: ChargeState): boolean => chargeState === "none" || chargeState === "released";

export function mayBeRepeated({ retryable, chargeState }: Spent): boolean {
  return retryable && isFree(chargeState);
}

/** The HTTP status of a synchronous call whose request failed. */
export function failureStatus({ code, retryable }: Failure, chargeState: ChargeState): number {
  if (REFUSED_CONTENT.has(code)) return ERROR_STATUS[code];
  if (CALLERS_FAULT.has(code) && isFree(chargeState)) return ERROR_STATUS[code];
  const isRepeatable = mayBeRepeated({ retryable, chargeState }) && !NEVER_REPEATED.has(code);
  return isRepeatable ? ERROR_STATUS[code] : FAILED_DEPENDENCY;
}

/**
 * The provider may bill a job whose output was not delivered. Until this is settled, an equal call that is not
 * deliberate gets this request instead of a second, perhaps paid one.
 */
export function isUnsettled({ status, search, chargeState }: RequestRecord): boolean {
  if (status === "failed") return chargeState === "unknown" || chargeState === "charged";
  return search !== null;
}
