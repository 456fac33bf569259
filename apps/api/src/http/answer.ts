/**
 * Builds every answer. The headers are one plain object: setting them one by one on Hono's context costs as much as the
 * rest of a status poll.
 */
import { rateHeaders } from "./rate-headers.js";
import type { Answer, Ctx } from "./route.js";

type Headers = Answer["headers"];

export function answer(c: Ctx, body: Answer["body"], status: number, headers: Headers): Answer {
  const rates = c.get("rates");
  const shown = rates === undefined ? headers : { ...headers, ...rateHeaders(rates) };
  return { status, headers: { ...shown, "X-Request-Id": c.get("httpRequestId") }, body };
}

export function answerJson(c: Ctx, value: unknown, status = 200, headers: Headers = {}): Answer {
  return answerJsonText(c, JSON.stringify(value), status, headers);
}

export function answerJsonText(
  c: Ctx,
  text: string | Uint8Array<ArrayBuffer>,
  status = 200,
  headers: Headers = {},
): Answer {
  return answer(c, text, status, { "Content-Type": "application/json", ...headers });
}
