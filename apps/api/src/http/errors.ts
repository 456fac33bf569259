/** Turns anything thrown into the error body. Internal details stay in the log. */
import { type ErrorCode, type Failure, VisgateError } from "@visgate/shared/errors";
import { FAILED_DEPENDENCY, failureStatus, isUnsettled, type RequestRecord } from "@visgate/shared/request";
import type { Logger } from "@visgate/shared/runtime";
import { publicError } from "../public-error.js";
import { answerJson } from "./answer.js";
import type { Answer, Ctx } from "./route.js";

/** The Retry-After header in seconds, unless the error knows better: the same call may work then. */
const RETRY_AFTER: Partial<Record<ErrorCode, number>> = { UNAVAILABLE: 2, RATE_LIMIT_ERROR: 30 };

/** How an error is written. Other people's SDKs read other bodies than ours. */
export interface ErrorShape {
  body(error: VisgateError): unknown;
  /** Default: the status of the error. */
  status?(error: VisgateError): number;
}

const OWN: ErrorShape = { body: toErrorBody };

export function errorAnswer(
  c: Ctx,
  error: unknown,
  log: Logger,
  { extra = {}, shape = OWN }: { extra?: Record<string, string>; shape?: ErrorShape | undefined } = {},
): Answer {
  const shown = publicError(error);
  if (shown.code === "INTERNAL_ERROR")
    log.error({ err: error, httpRequestId: c.get("httpRequestId") }, "unexpected error");
  const retryAfter = shown.status === FAILED_DEPENDENCY ? undefined : retryAfterOf(shown);
  const { allowed } = shown.details;
  return answerJson(c, shape.body(shown), shape.status?.(shown) ?? shown.status, {
    ...extra,
    ...(shown.code === "METHOD_NOT_ALLOWED" && Array.isArray(allowed) ? { Allow: allowed.join(", ") } : {}),
    ...(retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) }),
  });
}

export function toErrorBody({ code, message, details }: VisgateError): {
  error: ErrorCode;
  message: string;
  details: object;
} {
  return { error: code, message, details };
}

function retryAfterOf({ code, details }: VisgateError): number | undefined {
  const { retry_after_seconds: seconds } = details;
  return typeof seconds === "number" ? seconds : RETRY_AFTER[code];
}

const FAILED: Failure = { code: "PROVIDER_ERROR", message: "The request failed.", retryable: false, charged: null };

/** The error that answers a failed request. `unsettledSeconds`: how long equal calls return that request. */
export function failureError(record: RequestRecord, unsettledSeconds: number): VisgateError {
  const { id, provider, chargeState } = record;
  const failure = record.failure ?? FAILED;
  const { code, retryable } = failure;
  const message = isUnsettled(record) ? `${failure.message} ${equalCallsHint(unsettledSeconds)}` : failure.message;
  const details = { request_id: id, provider, retryable, charge_state: chargeState };
  return new VisgateError(code, message, details, failureStatus(failure, chargeState));
}

function equalCallsHint(seconds: number): string {
  return (
    `For ${seconds} s, an equal call returns this request and costs nothing; ` +
    'a new Idempotency-Key or cache: "refresh" starts a new generation, which is billed.'
  );
}
