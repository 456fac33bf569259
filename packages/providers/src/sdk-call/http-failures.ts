/** The failure of a submit by its HTTP status, and the time before a retry. For all adapters. */
import type { Failure } from "@visgate/shared/errors";
import { parseRetryAfter } from "@visgate/shared/units";
import type { Answer } from "./one-shot.js";

const MAX_RETRY_AFTER_MS = 10 * 60_000;

/** From `Retry-After` (seconds or a date) or the field `retry_after` of the body; null when both are missing. */
export function retryAfterMs(answer: Answer, now: number): number | null {
  const field = (answer.body as { retry_after?: unknown } | null)?.retry_after;
  const text = answer.headers.get("retry-after") ?? (field === undefined ? null : String(field));
  const ms = parseRetryAfter(text, now);
  return ms === null ? null : Math.min(ms, MAX_RETRY_AFTER_MS);
}

/** The failure of a submit that was answered with a 3xx or 4xx. It was not accepted, so nothing is charged. */
export function rejection(provider: string, status: number): Failure {
  const failure = (code: Failure["code"], message: string, retryable: boolean): Failure => {
    return { code, message, retryable, charged: false };
  };
  if (status === 429) return failure("RATE_LIMIT_ERROR", `${provider} takes no more requests now.`, true);
  if (status === 401) {
    return { ...failure("PROVIDER_ERROR", `${provider} refused the API key.`, false), isKeyRefused: true };
  }
  if (status === 402) return failure("PROVIDER_ERROR", `The account at ${provider} has not enough credit.`, false);
  if (status === 403) {
    return failure("PROVIDER_ERROR", `${provider} refused: the key may lack credit or access to this model.`, false);
  }
  if (status === 404) return failure("PROVIDER_ERROR", `${provider} does not know this model.`, false);
  if (status === 400 || status === 413 || status === 422) {
    return failure("VALIDATION_ERROR", `${provider} refused the input of this request.`, false);
  }
  return failure("PROVIDER_ERROR", `${provider} refused the request (HTTP ${status}).`, false);
}

export function notReached(provider: string): Failure {
  return { code: "PROVIDER_ERROR", message: `${provider} cannot be reached.`, retryable: true, charged: false };
}
