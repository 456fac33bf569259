/**
 * Builds every response. The headers are one plain object, which the server writes as it is: setting them one by one on
 * Hono's context costs as much as the rest of a status poll.
 */
import { rateHeaders } from "./rate-headers.js";
import type { Ctx } from "./route.js";

type Headers = Record<string, string>;
type Body = string | ReadableStream | null;

export function answer(c: Ctx, body: Body, status: number, headers: Headers): Response {
  const rates = c.get("rates");
  const shown = rates === undefined ? headers : { ...headers, ...rateHeaders(rates) };
  return new Response(body, { status, headers: { ...shown, "X-Request-Id": c.get("httpRequestId") } });
}

export function answerJson(c: Ctx, value: unknown, status = 200, headers: Headers = {}): Response {
  return answerJsonText(c, JSON.stringify(value), status, headers);
}

export function answerJsonText(c: Ctx, text: string, status = 200, headers: Headers = {}): Response {
  return answer(c, text, status, { "Content-Type": "application/json", ...headers });
}
