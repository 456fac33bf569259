/** From an HTTP answer to what it says: a body in camelCase, or the error. */
import { apiError, VisgateError } from "./errors.js";
import { isRetryable, parseRetryAfter } from "./retry.js";
import { fitting, kindOf, type Shape } from "./shape.js";

/** No answer of the gateway comes near; one without an end would fill the memory. */
const MAX_BYTES = 16 * 2 ** 20;

export interface Expected {
  /** A status that is an answer here too, beside 2xx. */
  acceptStatus?: number;
  /** What the answer must have. Every answer is an object: a number, a text or null is from something in between. */
  shape?: Shape;
}

export async function readAnswer(
  response: Response,
  { acceptStatus, shape = {} }: Expected,
  nowMs: number,
): Promise<unknown> {
  const body = parseJson(await readText(response));
  const answer = response.ok || response.status === acceptStatus ? fitting(body, shape) : null;
  if (answer === null) throw errorIn(response, body, nowMs);
  return answer;
}

export async function errorOf(response: Response, nowMs: number): Promise<VisgateError> {
  return errorIn(response, parseJson(await readText(response)), nowMs);
}

/** Nothing of a body that is not the API's own gets into the error: it may be a proxy's page with anything in it. */
function errorIn(response: Response, body: unknown, nowMs: number): VisgateError {
  const { error, message, details } = (body ?? {}) as { error?: unknown; message?: unknown; details?: unknown };
  if (response.ok || typeof error !== "string" || typeof message !== "string") return unexpected(response, nowMs);
  const known = kindOf(details) === "object" ? (details as Record<string, unknown>) : {};
  const fields = { errorCode: error, message, details: known, ...headOf(response, nowMs) };
  const retryable = known["retryable"] ?? isRetryable(apiError(fields), true);
  return apiError({ ...fields, retryable: retryable === true });
}

/** @param response left out when it had seemed to be the gateway's, but for something in it */
export function unexpected(response?: Response, nowMs = 0): VisgateError {
  const which = response === undefined ? "" : ` (HTTP ${response.status})`;
  const fields = {
    errorCode: "UNEXPECTED_ANSWER",
    message: `The answer${which} is not the gateway's: check the base URL, and what is in between.`,
    ...(response && headOf(response, nowMs)),
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

/** Null when it is too long. */
async function readText(response: Response): Promise<string | null> {
  // React Native's has no stream.
  if (typeof response.body?.getReader !== "function") return response.text();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MAX_BYTES) {
      void reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Undefined when it is none. */
export function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
