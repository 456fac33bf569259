/** What calls fail with: one class per kind of failure, the same fields on all. */
import type { ErrorBody } from "./types.generated.js";

/** Codes of failures that this client sees itself, beside those that the API answers. */
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
  /** A code of a later server version is handed on as it is. */
  errorCode: ErrorCode | (string & {});
  details?: Record<string, unknown>;
  statusCode?: number | null;
  httpRequestId?: string | null;
  retryable?: boolean;
  retryAfter?: number | null;
  cause?: unknown;
}

/** Every failure of a call. `errorCode` says which; the message says what to do. */
export class VisgateError extends Error {
  override name = "VisgateError";
  readonly errorCode: ErrorFields["errorCode"];
  /** What the API adds to the code, as it sent it (snake_case). */
  readonly details: Record<string, unknown>;
  /** HTTP status; null when there was no answer. */
  readonly statusCode: number | null;
  /** The `X-Request-Id` of the HTTP answer: what the operator of the gateway finds in the log. */
  readonly httpRequestId: string | null;
  /**
   * Whether the same call may work later. When no answer came, send the call again with `idempotencyKey`: it is not
   * made twice. On a failed request, true also guarantees that nothing was spent.
   */
  retryable: boolean;
  /** Seconds to wait before another try (`Retry-After`); null when the answer did not say. */
  readonly retryAfter: number | null;
  /** The generation request this is about; null when it is about none, or its id is not known. */
  requestId: string | null;
  /** Of generation calls: the key that was sent, for a later attempt of your own. */
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
 * 422: a field is wrong, or its content is against a provider's policy. 424: the provider refused it, and money was or
 * may have been spent (`details.charge_state`).
 */
export class ValidationError extends VisgateError {
  override name = "ValidationError";
  /** The field as the API names it (`duration_seconds`); null when it is about no single one. */
  readonly field: string | null = textOrNull(this.details["field"]);
  /** What the field takes, where the API says it. */
  readonly allowed: unknown = this.details["allowed"] ?? null;
}

/** 429: too many calls, here or at the provider; `retryAfter` says how long to wait. */
export class RateLimitError extends VisgateError {
  override name = "RateLimitError";
}

/**
 * The provider failed, or its output could not be had. 502, 504: nothing was spent, and the same call may work later.
 * 424: money was or may have been spent (`details.charge_state`), or the same call would fail again.
 */
export class ProviderError extends VisgateError {
  override name = "ProviderError";
  readonly provider: string | null = textOrNull(this.details["provider"]);
}

/** The time given here was over; a request that was accepted goes on at the gateway. Code `CLIENT_TIMEOUT`. */
export class TimeoutError extends VisgateError {
  override name = "TimeoutError";
}

/** No answer: refused, cut, or the name not found. Code `CONNECTION_ERROR`. */
export class ConnectionError extends VisgateError {
  override name = "ConnectionError";
}

/** The call's `signal` was aborted, or the client closed; `cause` is the signal's reason. Code `ABORTED`. */
export class AbortError extends VisgateError {
  override name = "AbortError";
}

/** The webhook is not genuine, or too old. Code `INVALID_WEBHOOK`. */
export class WebhookVerificationError extends VisgateError {
  override name = "WebhookVerificationError";
}

type ErrorClass = new (fields: ErrorFields) => VisgateError;

/** The code decides the class, not the status: a request that failed after money was spent is a 424 with any code. */
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

/** For the codes of a later server. */
const CLASS_OF_STATUS = new Map<number, ErrorClass>([
  [401, AuthenticationError],
  [422, ValidationError],
  [429, RateLimitError],
]);

/** The error for what the API said, in an answer or as the end of a request. */
export function apiError(fields: ErrorFields & { statusCode: number }): VisgateError {
  const Class = CLASS_OF_CODE.get(fields.errorCode) ?? CLASS_OF_STATUS.get(fields.statusCode) ?? VisgateError;
  return new Class(fields);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
