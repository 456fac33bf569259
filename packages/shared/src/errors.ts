/** The closed set of error codes, each with its HTTP status. For a failed request see request/failure-status.ts. */

export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  PROVIDER_NOT_CONFIGURED: 400,
  AUTHENTICATION_ERROR: 401,
  BUDGET_EXCEEDED: 402,
  FORBIDDEN: 403,
  REQUEST_NOT_FOUND: 404,
  MODEL_NOT_FOUND: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  IDEMPOTENCY_CONFLICT: 409,
  ALREADY_TERMINAL: 409,
  NOT_TERMINAL: 409,
  COUNT_CHANGED: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  VALIDATION_ERROR: 422,
  CONTENT_POLICY_VIOLATION: 422,
  RATE_LIMIT_ERROR: 429,
  INTERNAL_ERROR: 500,
  PROVIDER_ERROR: 502,
  SUBMIT_UNKNOWN: 502,
  OUTPUT_UNAVAILABLE: 502,
  UNAVAILABLE: 503,
  PROVIDER_TIMEOUT: 504,
  CANCELLED: 409,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;
export type ErrorDetails = Record<string, unknown>;

/** An error that a caller may see. Its message says what to do; it holds no secret and no text of a provider. */
export class VisgateError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** The HTTP status of the answer. */
  readonly status: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, status: number = ERROR_STATUS[code]) {
    super(message);
    this.name = "VisgateError";
    this.code = code;
    this.details = details;
    this.status = status;
  }
}

/** A 422 that names the field and, where it helps, the allowed values. */
export function invalid(field: string, message: string, allowed?: unknown): VisgateError {
  return new VisgateError("VALIDATION_ERROR", message, { field, ...(allowed === undefined ? {} : { allowed }) });
}

/** The codes of a failed request. `retryable` on the failure says whether the same call may succeed later. */
export const FAILURE_CODES = [
  "BUDGET_EXCEEDED",
  "VALIDATION_ERROR",
  "CONTENT_POLICY_VIOLATION",
  "PROVIDER_NOT_CONFIGURED",
  "PROVIDER_ERROR",
  "PROVIDER_TIMEOUT",
  "RATE_LIMIT_ERROR",
  "SUBMIT_UNKNOWN",
  "OUTPUT_UNAVAILABLE",
  "INTERNAL_ERROR",
  "CANCELLED",
] as const satisfies readonly ErrorCode[];
export type FailureCode = (typeof FAILURE_CODES)[number];

/** Why a request failed. `charged`: whether the provider bills it; null when this is not known. */
export interface Failure {
  code: FailureCode;
  message: string;
  retryable: boolean;
  charged: boolean | null;
  /** The provider refused the key. */
  isKeyRefused?: true;
}

export function cancelled(charged: boolean | null): Failure {
  return { code: "CANCELLED", message: "The request was cancelled.", retryable: false, charged };
}
