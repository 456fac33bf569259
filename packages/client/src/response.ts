/** Reads a response: the API's answer in camelCase, or the error that it stands for. */
import { apiError, VisgateError } from "./errors.js";
import { isRetryable, parseRetryAfter } from "./retry.js";
import { type ExpectedFields, readList, readObject, typeName } from "./wire-format.js";

/** No answer of the gateway is nearly as long. Without a limit, an endless body would fill the memory. */
const MAX_BYTES = 16 * 2 ** 20;

export interface ExpectedResponse {
  /** A status that is a valid answer to this call, beside 2xx. */
  acceptStatus?: number;
  /** Fields that the answer must have; `{}` unless given. */
  expected?: ExpectedFields;
  /** True for the few answers that are a list; all others are an object. */
  isList?: boolean;
}

export interface ExpectedText {
  /** For example `text/csv`. */
  mediaType: string;
  maxBytes: number;
}

export async function readResponse(
  response: Response,
  { acceptStatus, expected = {}, isList = false }: ExpectedResponse,
  nowMs: number,
): Promise<unknown> {
  const body = parseJson(await readText(response));
  const isAnswer = response.ok || response.status === acceptStatus;
  const answer = isAnswer ? (isList ? readList(body) : readObject(body, expected)) : null;
  if (answer === null) throw errorFrom(response, body, nowMs);
  return answer;
}

/** The body as text. @throws VisgateError when the media type differs or the body is too long */
export async function readTextResponse(
  response: Response,
  { mediaType, maxBytes }: ExpectedText,
  nowMs: number,
): Promise<string> {
  if (!response.ok) throw await errorOfResponse(response, nowMs);
  const type = response.headers.get("content-type")?.split(";")[0];
  const text = type === mediaType ? await readText(response, maxBytes) : null;
  if (text === null) throw unexpectedAnswer(response, nowMs);
  return text;
}

export async function errorOfResponse(response: Response, nowMs: number): Promise<VisgateError> {
  return errorFrom(response, parseJson(await readText(response)), nowMs);
}

/** Copies text only from the API's own error body: a proxy's error page may contain anything. */
function errorFrom(response: Response, body: unknown, nowMs: number): VisgateError {
  const { error, message, details } = (body ?? {}) as { error?: unknown; message?: unknown; details?: unknown };
  if (response.ok || typeof error !== "string" || typeof message !== "string") {
    return unexpectedAnswer(response, nowMs);
  }
  const known = typeName(details) === "object" ? (details as Record<string, unknown>) : {};
  const fields = { errorCode: error, message, details: known, ...statusAndHeaders(response, nowMs) };
  const retryable = known["retryable"] ?? isRetryable(apiError(fields));
  return apiError({ ...fields, retryable: retryable === true });
}

/** @param response left out when the response itself was valid and only a part of its content is wrong */
export function unexpectedAnswer(response?: Response, nowMs = 0): VisgateError {
  const which = response === undefined ? "" : ` (HTTP ${response.status})`;
  const fields = {
    errorCode: "UNEXPECTED_ANSWER",
    message: `The answer${which} does not come from a Visgate gateway: check the base URL, and any proxy in between.`,
    ...(response && statusAndHeaders(response, nowMs)),
  };
  return new VisgateError({ ...fields, retryable: isRetryable(new VisgateError(fields)) });
}

function statusAndHeaders({ status, headers }: Response, nowMs: number) {
  return {
    statusCode: status,
    httpRequestId: headers.get("x-request-id"),
    retryAfter: parseRetryAfter(headers.get("retry-after"), nowMs),
  };
}

/** Null when the body is longer than `maxBytes`. */
async function readText(response: Response, maxBytes = MAX_BYTES): Promise<string | null> {
  // A response of React Native has no stream.
  if (typeof response.body?.getReader !== "function") return response.text();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > maxBytes) {
      void reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
