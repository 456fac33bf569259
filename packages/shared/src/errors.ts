/** The closed set of error codes and the HTTP status of each; a request that failed may answer 424 (money-law.ts). */

export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  PROVIDER_NOT_CONFIGURED: 400,
  AUTHENTICATION_ERROR: 401,
  BUDGET_EXCEEDED: 402,
  REQUEST_NOT_FOUND: 404,
  MODEL_NOT_FOUND: 404,
  NOT_FOUND: 404,
  IDEMPOTENCY_CONFLICT: 409,
  ALREADY_TERMINAL: 409,
  NOT_TERMINAL: 409,
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

/** An error a caller may see: its message says what to do and holds no secret and no upstream body. */
export class VisgateError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** The HTTP status it is answered with. */
  readonly status: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, status: number = ERROR_STATUS[code]) {
    super(message);
    this.name = "VisgateError";
    this.code = code;
    this.details = details;
    this.status = status;
  }
}

/** A 422 that names the field and, where it helps, what the field takes. */
export function invalid(field: string, message: string, allowed?: unknown): VisgateError {
  return new VisgateError("VALIDATION_ERROR", message, { field, ...(allowed === undefined ? {} : { allowed }) });
}

/** Codes a request can end with; `retryable` on the failure says whether the same call may work later. */
export type FailureCode = Extract<
  ErrorCode,
  | "VALIDATION_ERROR"
  | "CONTENT_POLICY_VIOLATION"
  | "PROVIDER_NOT_CONFIGURED"
  | "PROVIDER_ERROR"
  | "PROVIDER_TIMEOUT"
  | "RATE_LIMIT_ERROR"
  | "SUBMIT_UNKNOWN"
  | "OUTPUT_UNAVAILABLE"
  | "INTERNAL_ERROR"
  | "CANCELLED"
>;

/** Why a request failed. `charged`: does the provider bill it; null when nobody can tell. */
export interface Failure {
  code: FailureCode;
  message: string;
  retryable: boolean;
  charged: boolean | null;
}

export function cancelled(charged: boolean | null): Failure {
  return { code: "CANCELLED", message: "The request was cancelled.", retryable: false, charged };
}
