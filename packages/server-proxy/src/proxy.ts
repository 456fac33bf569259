/** Answers a browser's request with what the gateway answers, asked with the server's key. */
import {
  clientClosedRequest,
  maybeAccepted,
  methodNotAllowed,
  notFound,
  Refusal,
  timedOut,
  unavailable,
} from "./error-responses.js";
import { type Exchange, openExchange } from "./exchange.js";
import { forward, LostAnswer } from "./forward.js";
import { findTarget } from "./routes.js";
import { readSettings } from "./settings.js";

const DEFAULT_TIMEOUT_MS = 300_000;

export interface ProxyOptions {
  /** The segments of the path below the place where the proxy is mounted, as `["requests", id]`. */
  pathSegments: readonly string[];
  /** The gateway's key, `vg-…`; unless given, the environment variable `VISGATE_API_KEY`. */
  apiKey?: string | undefined;
  /**
   * The gateway's URL, with or without `/api/v1`; unless given, the environment variable `VISGATE_BASE_URL`, then
   * `http://127.0.0.1:8787`.
   */
  baseUrl?: string | undefined;
  /**
   * Milliseconds that one exchange may take; 300,000 unless given. A call that takes longer is answered 504; an event
   * stream that takes longer ends, and clients resume it.
   */
  timeoutMs?: number | undefined;
}

/**
 * Answers a browser's request with the gateway's answer. Everybody who can call it spends your money: decide who may
 * before you call it.
 *
 * Never rejects. The proxy's own answers have the gateway's error body: 404 for calls that browsers may not make, 405
 * with `Allow`, 413 above 8 MB, 422 for a `webhook_url`, 500 when the server's key or base URL is missing or not valid,
 * 503 with `Retry-After` when the gateway cannot be reached, 504 when it takes longer than `timeoutMs`; 424 in place of
 * these two when the gateway may have accepted a generation that has no `Idempotency-Key`.
 */
export async function proxyToVisgate(request: Request, options: ProxyOptions): Promise<Response> {
  const target = findTarget(options.pathSegments);
  if (target === null) return notFound();
  const allow = [...target.methods, "OPTIONS"].join(", ");
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { Allow: allow } });
  if (!target.methods.includes(request.method)) return methodNotAllowed(allow);
  const exchange = openExchange(request.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    return await forward({ request, path: target.path, exchange, ...readSettings(options) });
  } catch (error) {
    exchange.end();
    return errorResponseTo(error, request, exchange);
  }
}

/** Contains neither addresses nor causes: the browser only learns whether to send the call again. */
function errorResponseTo(error: unknown, request: Request, exchange: Exchange): Response {
  if (error instanceof Refusal) return error.response;
  if (request.signal.aborted && !exchange.isTimedOut()) return clientClosedRequest();
  if (error instanceof LostAnswer) return maybeAccepted();
  return exchange.isTimedOut() ? timedOut() : unavailable();
}
