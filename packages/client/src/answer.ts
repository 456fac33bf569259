/** From an HTTP answer to what it says: a body in camelCase, or the error. */
import { fromWire } from "./case.js";
import { apiError, VisgateError } from "./errors.js";
import { isRetryable, parseRetryAfter } from "./retry.js";

export async function readAnswer(response: Response, nowMs: number): Promise<unknown> {
  const body = parseJson(await response.text());
  // Every answer is an object: a number, a text or null is from something in between.
  if (!isRecord(body)) throw unexpected(response, nowMs);
  return fromWire(body);
}

/** Nothing of a body that is not the API's own gets into the error: it may be a proxy's page with anything in it. */
export async function errorOf(response: Response, nowMs: number): Promise<VisgateError> {
  const body = parseJson(await response.text()) as { error?: unknown; message?: unknown; details?: unknown } | null;
  if (typeof body?.error !== "string" || typeof body.message !== "string") return unexpected(response, nowMs);
  const details = isRecord(body.details) ? body.details : {};
  const fields = { errorCode: body.error, message: body.message, details, ...headOf(response, nowMs) };
  const retryable = details["retryable"] ?? isRetryable(apiError(fields), true);
  return apiError({ ...fields, retryable: retryable === true });
}

/** JSON, but not what was asked for. */
export function notTheGateways(): VisgateError {
  const message = "The answer is not the gateway's: check the base URL, and what is in between.";
  return new VisgateError({ message, errorCode: "UNEXPECTED_ANSWER" });
}

export function unexpected(response: Response, nowMs: number): VisgateError {
  const fields = {
    errorCode: "UNEXPECTED_ANSWER",
    message: `The answer (HTTP ${response.status}) is not the gateway's: check the base URL, and what is in between.`,
    ...headOf(response, nowMs),
  };
  return new VisgateError({ ...fields, retryable: isRetryable(new VisgateError(fields), true) });
}

function headOf({ status, headers }: Response, nowMs: number) {
  return {
    statusCode: status,
    httpRequestId: headers.get("x-request-id"),
    retryAfter: parseRetryAfter(headers.get("retry-after"), nowMs),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
