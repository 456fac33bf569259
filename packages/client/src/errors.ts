/** The errors of this client: one class per kind of failure, with the same fields on all of them. */
import type { ErrorBody } from "./types.generated.js";

/** Codes of failures that this client detects itself; all other codes come from the API. */
export type ClientErrorCode =
  | "ABORTED"
  | "CLIENT_TIMEOUT"
  | "CONNECTION_ERROR"
  | "INVALID_WEBHOOK"
  | "RESULT_GONE"
  | "UNEXPECTED_ANSWER";
export type ErrorCode = ErrorBody["error"] | ClientErrorCode;

export interface ErrorFields {
  message: string;
  /** A code that only a later server version knows is passed on unchanged. */
  errorCode: ErrorCode | (string & {});
  details?: Record<string, unknown>;
  statusCode?: number | null;
  httpRequestId?: string | null;
  retryable?: boolean;
  retryAfter?: number | null;
  cause?: unknown;
}

/** The error of every failed call. `errorCode` says what happened; `message` says what to do. */
export class VisgateError extends Error {
  override name = "VisgateError";
  readonly errorCode: ErrorFields["errorCode"];
  /** Further facts about the failure, as the API sent them (names in snake_case). */
  readonly details: Record<string, unknown>;
  /** HTTP status; null when there was no answer. */
  readonly statusCode: number | null;
  /** The `X-Request-Id` of the HTTP answer, by which the operator of the gateway finds the call in the log. */
  readonly httpRequestId: string | null;
  /**
   * Whether the same call may succeed later. When no answer came, repeat the call with `idempotencyKey`, so that
   * nothing is generated twice. On a failed request, true also guarantees that nothing was spent.
   */
  retryable: boolean;
  /** Seconds to wait before another try (`Retry-After`); null when the answer did not say. */
  readonly retryAfter: number | null;
  /** The id of the generation request that failed; null for other calls, or when the id is not known. */
  requestId: string | null;
  /** The idempotency key of a generation call, with which you can safely repeat it; null for other calls. */
  idempotencyKey: string | null = null;

  constructor(fields: ErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.errorCode = fields.errorCode;
    this.details = fields.details ?? {};
    this.statusCode = fields.statusCode ?? null;
    this.httpRequestId = fields.httpRequestId ?? null;
    this.retryable = fields.retryable ?? false;
    this.retryAfter = fields.retryAfter ?? null;
    this.requestId = textOrNull(this.details["request_id"]);
  }
}

/** 401: the key is missing, unknown or revoked. */
export class AuthenticationError extends VisgateError {
  override name = "AuthenticationError";
}

/**
 * 422: a field is not valid, or its content violates a provider's policy. 424: the provider refused the content, and
 * money was or may have been spent (`details.charge_state`). `statusCode` is null when this client found the mistake
 * before it sent anything.
 */
export class ValidationError extends VisgateError {
  override name = "ValidationError";
  /** The name of the field (`duration_seconds`); null when more than one field is involved. */
  readonly field: string | null = textOrNull(this.details["field"]);
  /** The values that the field allows; null when they are not known. */
  readonly allowed: unknown = this.details["allowed"] ?? null;
}

/** 429: too many calls to the gateway or to the provider; `retryAfter` says how many seconds to wait. */
export class RateLimitError extends VisgateError {
  override name = "RateLimitError";
}

/**
 * The provider failed, or its output could not be fetched. 502, 504: nothing was spent, and the same call may succeed
 * later. 424: money was or may have been spent (`details.charge_state`), or the same call would fail again.
 */
export class ProviderError extends VisgateError {
  override name = "ProviderError";
  readonly provider: string | null = textOrNull(this.details["provider"]);
}

/** A time limit of this client was reached; an accepted request continues at the gateway. Code `CLIENT_TIMEOUT`. */
export class TimeoutError extends VisgateError {
  override name = "TimeoutError";
}

/** No answer: the connection was refused or broke, or the host was not found. Code `CONNECTION_ERROR`. */
export class ConnectionError extends VisgateError {
  override name = "ConnectionError";
}

/** The call's `signal` was aborted, or the client was closed; `cause` is the signal's reason. Code `ABORTED`. */
export class AbortError extends VisgateError {
  override name = "AbortError";
}

/** The webhook is not genuine, or too old. Code `INVALID_WEBHOOK`. */
export class WebhookVerificationError extends VisgateError {
  override name = "WebhookVerificationError";
}

type ErrorClass = new (fields: ErrorFields) => VisgateError;

/** The code chooses the class, not the status: a request that failed after money was spent is a 424 with any code. */
const CLASS_OF_CODE = new Map<string, ErrorClass>([
  ["AUTHENTICATION_ERROR", AuthenticationError],
  ["VALIDATION_ERROR", ValidationError],
  ["CONTENT_POLICY_VIOLATION", ValidationError],
  ["RATE_LIMIT_ERROR", RateLimitError],
  ["PROVIDER_ERROR", ProviderError],
  ["PROVIDER_TIMEOUT", ProviderError],
  ["SUBMIT_UNKNOWN", ProviderError],
  ["OUTPUT_UNAVAILABLE", ProviderError],
]);

/** For codes that only a later server version knows. */
const CLASS_OF_STATUS = new Map<number, ErrorClass>([
  [401, AuthenticationError],
  [422, ValidationError],
  [429, RateLimitError],
]);

/** The error for an error answer of the API, or for a request that failed. */
export function apiError(fields: ErrorFields & { statusCode: number }): VisgateError {
  const Class = CLASS_OF_CODE.get(fields.errorCode) ?? CLASS_OF_STATUS.get(fields.statusCode) ?? VisgateError;
  return new Class(fields);
}

/** The caller passed a value that is not valid; nothing was sent. */
export function invalidOption(field: string, takes: string): ValidationError {
  const details = { field, allowed: takes };
  return new ValidationError({ message: `${field} takes ${takes}.`, errorCode: "VALIDATION_ERROR", details });
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
