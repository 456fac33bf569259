/** The errors of each operation, by status. Each status is described once for all operations. */
import { STATUS_CODES } from "node:http";
import { PROVIDER_NAMES } from "@visgate/providers";
import { errorBody } from "@visgate/shared/contract";
import { ERROR_STATUS, type ErrorCode } from "@visgate/shared/errors";
import { json, type RouteRow, scopesFor } from "../http/route.js";
import { headers, RATE_HEADERS } from "./headers.js";

const WHEN: Partial<Record<ErrorCode, string>> = {
  BAD_REQUEST: "the call is not valid HTTP, or its body is not JSON",
  PROVIDER_NOT_CONFIGURED: "the server has no key for the provider, and the call brings none",
  AUTHENTICATION_ERROR: "the API key, or the signature of the URL, is missing or wrong",
  FORBIDDEN: "the API key lacks the scope in details.scope",
  BUDGET_EXCEEDED: "the price of the call would cross a budget",
  REQUEST_NOT_FOUND: "there is no such request",
  MODEL_NOT_FOUND: "there is no such model",
  NOT_FOUND: "there is nothing under this id or path",
  IDEMPOTENCY_CONFLICT: "the Idempotency-Key was used with another body",
  ALREADY_TERMINAL: "the request has already ended",
  NOT_TERMINAL: "the request has not ended yet; cancel it first",
  COUNT_CHANGED: "the filter does not match expected_count requests; details.matched has the number",
  PAYLOAD_TOO_LARGE: "the body is too large; details.max_bytes has the limit",
  METHOD_NOT_ALLOWED: "the path does not have this method; Allow lists those that it has",
  UNSUPPORTED_MEDIA_TYPE: "the body is not sent as application/json",
  VALIDATION_ERROR: "details.field names the field that is wrong, and details.allowed what it takes",
  CONTENT_POLICY_VIOLATION: "the provider refused the prompt or the image",
  RATE_LIMIT_ERROR:
    "too many calls: details.limit names the limit that was reached, if it is one of this gateway; nothing was spent, " +
    "so send the same call again after Retry-After",
  INTERNAL_ERROR: "something went wrong in this server; nothing was spent",
  PROVIDER_ERROR: "the provider failed and bills nothing; the same call may be sent again",
  UNAVAILABLE: "the server cannot take the call now, and nothing was accepted",
  PROVIDER_TIMEOUT: "the provider took too long and bills nothing; the same call may be sent again",
};

/** Only with 424: with one of these, money was or may have been spent, or a repeated call would fail again. */
const ALWAYS_424: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["SUBMIT_UNKNOWN", "OUTPUT_UNAVAILABLE", "CANCELLED"]);
const WITH_RETRY_AFTER = new Set([429, 503]);

/** What a synchronous generation, and the URL of an output, answer when the request failed. */
export const FAILURES: readonly ErrorCode[] = [
  ...(["PROVIDER_NOT_CONFIGURED", "VALIDATION_ERROR", "CONTENT_POLICY_VIOLATION"] as const),
  ...(["RATE_LIMIT_ERROR", "PROVIDER_ERROR", "PROVIDER_TIMEOUT"] as const),
];

export const failedDependency = {
  description:
    "The request failed. Money was or may have been spent (details.charge_state), or the same call would fail again: " +
    "do not repeat it unchanged. An answer of 429 or 5xx means that nothing was spent and that the same call may be " +
    "sent again.",
  content: json(
    errorBody,
    errorExample("SUBMIT_UNKNOWN", "The provider did not say whether it took the job.", {
      request_id: "019a7c1e-6f80-7cc3-9f1b-3c5d8e2a4b60",
      provider: PROVIDER_NAMES[0],
      retryable: false,
      charge_state: "unknown",
    }),
  ),
};

/** The responses of the codes that a route can answer, and of the codes that all routes of its kind can answer. */
export function errorResponses([, , authorization, { docs }]: RouteRow): Record<string, { $ref: string }> {
  const { request, errors = [] } = docs;
  const codes: ErrorCode[] = [
    ...(["BAD_REQUEST", "INTERNAL_ERROR"] as const),
    ...(authorization === "none" ? [] : (["AUTHENTICATION_ERROR", "UNAVAILABLE"] as const)),
    ...(scopesFor(authorization) === null ? [] : (["RATE_LIMIT_ERROR", "FORBIDDEN"] as const)), // after many wrong keys
    ...(request?.body === undefined ? [] : (["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const)),
    ...(request?.body === undefined && request?.query === undefined ? [] : (["VALIDATION_ERROR"] as const)),
    ...errors,
  ];
  const statuses = new Set(codes.map((code) => ERROR_STATUS[code]));
  return { ...Object.fromEntries([...statuses].map((status) => [status, reference(status)])), default: reference(0) };
}

const reference = (status: number) => ({ $ref: `#/components/responses/${nameOf(status)}` });
const nameOf = (status: number) => (STATUS_CODES[status] ?? "OtherError").replace(/\W/g, "");

/** All responses that operations refer to, by name. `used`: the statuses that any operation has. */
export function errorComponents(used: ReadonlySet<string>): Record<string, object> {
  const statuses = [...new Set(Object.values(ERROR_STATUS))].filter((status) => used.has(String(status)));
  return {
    ...Object.fromEntries(statuses.map((status) => [nameOf(status), errorResponse(status)])),
    [nameOf(0)]: {
      description: "Any other error; see its code and message. A method that the path does not have is answered 405.",
      headers: headers("X-Request-Id", "Allow"),
      content: jsonError("NOT_FOUND"),
    },
  };
}

function errorResponse(status: number): object {
  const codes = (Object.keys(ERROR_STATUS) as ErrorCode[]).filter(
    (code) => ERROR_STATUS[code] === status && !ALWAYS_424.has(code),
  );
  const description = codes.map((code) => `${code}: ${WHEN[code] ?? "see its message"}.`).join("\n\n");
  const names = headers(
    "X-Request-Id",
    ...(WITH_RETRY_AFTER.has(status) ? (["Retry-After"] as const) : []),
    ...(status === ERROR_STATUS.RATE_LIMIT_ERROR ? RATE_HEADERS : []),
  );
  return { description, headers: names, content: jsonError(codes[0] ?? "INTERNAL_ERROR") };
}

const jsonError = (code: ErrorCode) => ({
  "application/json": { schema: { $ref: "#/components/schemas/Error" }, example: exampleOf(code) },
});

function exampleOf(code: ErrorCode): object {
  if (code === "VALIDATION_ERROR")
    return errorExample(code, "seed: must be at least 0.", { field: "seed", allowed: { minimum: 0 } });
  const [first = "", ...rest] = WHEN[code] ?? code;
  return errorExample(code, `${first.toUpperCase()}${rest.join("")}.`, {});
}

function errorExample(error: ErrorCode, message: string, details: object) {
  return { error, message, details };
}
