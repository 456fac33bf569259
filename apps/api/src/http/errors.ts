/** From anything thrown to the one error body. Internals stay in the log. */
import { ERROR_STATUS, type ErrorCode, VisgateError } from "@visgate/shared/domain/errors";
import type { RequestRecord } from "@visgate/shared/domain/request";
import type { Logger } from "@visgate/shared/log";
import { isRedisAway } from "@visgate/shared/store/connection";
import { answerJson } from "./answer.js";
import type { Ctx } from "./route.js";

/** Whole seconds after which the same call may work. */
const RETRY_AFTER: Partial<Record<ErrorCode, string>> = { UNAVAILABLE: "2", RATE_LIMIT_ERROR: "30" };

export function errorAnswer(c: Ctx, error: unknown, log: Logger, extra: Record<string, string> = {}): Response {
  const shown = publicError(error);
  if (shown.code === "INTERNAL_ERROR")
    log.error({ err: error, httpRequestId: c.get("httpRequestId") }, "unexpected error");
  const body = { error: shown.code, message: shown.message, details: shown.details };
  const retryAfter = RETRY_AFTER[shown.code];
  return answerJson(c, body, ERROR_STATUS[shown.code], {
    ...extra,
    ...(retryAfter === undefined ? {} : { "Retry-After": retryAfter }),
  });
}

/** The error that a request has ended with, as an answer. */
export function failureError(record: RequestRecord): VisgateError {
  const { code, message, retryable } = record.failure ?? {
    code: "PROVIDER_ERROR",
    message: "failed",
    retryable: false,
  };
  const details = { request_id: record.id, provider: record.provider, retryable, charge_state: record.chargeState };
  return new VisgateError(code, message, details);
}

/** What the caller is told of `error`. */
export function publicError(error: unknown): VisgateError {
  if (error instanceof VisgateError) return error;
  if (isRedisAway(error)) {
    return new VisgateError("UNAVAILABLE", "The service cannot reach its queue now; send the same call again shortly.");
  }
  return new VisgateError("INTERNAL_ERROR", "Something went wrong on our side; send the same call again.");
}

export function unknownRoute(): never {
  throw new VisgateError("NOT_FOUND", "There is nothing at this method and path; see /api/v1/docs.");
}
