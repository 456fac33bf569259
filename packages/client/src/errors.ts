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
  /** Whether the same call may work later. Send it with `idempotencyKey`, and nothing is made twice. */
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

/** 422: a field is wrong, or its content is against a provider's policy. Nothing was spent on a wrong field. */
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

/** 502, 504: the provider failed, or its output could not be had. */
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

const PROVIDER_CODES = new Set<string>(["PROVIDER_ERROR", "PROVIDER_TIMEOUT", "SUBMIT_UNKNOWN", "OUTPUT_UNAVAILABLE"]);

/** The error for what the API said, in an answer or as the end of a request. */
export function apiError(fields: ErrorFields & { statusCode: number }): VisgateError {
  if (PROVIDER_CODES.has(fields.errorCode)) return new ProviderError(fields);
  if (fields.statusCode === 401) return new AuthenticationError(fields);
  if (fields.statusCode === 422) return new ValidationError(fields);
  if (fields.statusCode === 429) return new RateLimitError(fields);
  return new VisgateError(fields);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
