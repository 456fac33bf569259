/** Passes one request of a browser on to the gateway, with the server's key. */
import { hungUp, lostAnswer, misconfigured, notFound, Refusal, tooSlow, unavailable, wrongMethod } from "./answers.js";
import { readBody, refuseWebhookUrl } from "./body.js";
import { type Exchange, openExchange, relay } from "./exchange.js";
import { headersToBrowser, headersToGateway, isEventStream, isJson, rewriteLocation } from "./headers.js";
import { isRepeatable, LostAnswer, wasNeverSent } from "./lost-answer.js";
import { findTarget } from "./routes.js";
import { readSettings } from "./settings.js";

const DEFAULT_TIMEOUT_MS = 300_000;

export interface ProxyOptions {
  /** What of the path comes after the place where the proxy is mounted, as in `["requests", id]`. */
  pathSegments: readonly string[];
  /** The gateway's key, `vg-…`; else the environment variable `VISGATE_API_KEY`. */
  apiKey?: string | undefined;
  /** Where the gateway is; else `VISGATE_BASE_URL`, else `http://127.0.0.1:8787`. With or without `/api/v1`. */
  baseUrl?: string | undefined;
  /**
   * The longest that one exchange may take, in milliseconds; 300,000 unless given. Then it is a 504, and an event
   * stream ends; clients resume it.
   */
  timeoutMs?: number | undefined;
}

type Stream = ReadableStream<Uint8Array>;
/** Null when there is none. */
type Body = Uint8Array<ArrayBuffer> | null;

/** What one exchange needs to know. */
interface Passing {
  request: Request;
  path: string;
  apiKey: string;
  base: string;
  exchange: Exchange;
}

/**
 * Answers a browser's request with what the gateway says to it. Who may call this is for the caller to decide.
 *
 * Never rejects; its own answers have the gateway's error body: 404 for what browsers may not do, 405 with `Allow`,
 * 413 above 8 MB, 422 for a `webhook_url`, 500 when the server's key or base URL is missing or wrong, 503 with
 * `Retry-After` when the gateway cannot be reached, 504 when it takes longer than `timeoutMs`; 424 instead of these two
 * when the gateway may have accepted a generation that has no `Idempotency-Key`.
 */
export async function proxyToVisgate(request: Request, options: ProxyOptions): Promise<Response> {
  const target = findTarget(options.pathSegments);
  if (target === null) return notFound();
  const allow = [...target.methods, "OPTIONS"].join(", ");
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { Allow: allow } });
  if (!target.methods.includes(request.method)) return wrongMethod(allow);
  const exchange = openExchange(request.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    return await pass({ request, path: target.path, exchange, ...readSettings(options) });
  } catch (error) {
    exchange.end();
    return answerOf(error, request, exchange);
  }
}

/** Addresses and causes stay here: a browser is told only whether to come back. */
function answerOf(error: unknown, request: Request, exchange: Exchange): Response {
  if (error instanceof Refusal) return error.answer;
  if (request.signal.aborted && !exchange.isTimedOut()) return hungUp();
  if (error instanceof LostAnswer) return lostAnswer();
  return exchange.isTimedOut() ? tooSlow() : unavailable();
}

async function pass(passing: Passing): Promise<Response> {
  const { request, path, exchange } = passing;
  const body = request.method === "POST" ? await readBody(request, exchange.signal) : null;
  if (body !== null) refuseWebhookUrl(body);
  try {
    return await forward(passing, body);
  } catch (error) {
    const isSafe = error instanceof Refusal || isRepeatable(request, path) || wasNeverSent(error);
    throw isSafe ? error : new LostAnswer("the gateway may have accepted it", { cause: error });
  }
}

async function forward(passing: Passing, body: Body): Promise<Response> {
  const { request, path, base, exchange } = passing;
  const upstream = await ask(passing, body);
  requireGateway(upstream);
  const location = rewriteLocation(upstream.headers.get("location"), { base, asked: request.url, path });
  const headers = headersToBrowser(upstream.headers, location);
  return new Response(await bodyOf(upstream, exchange), { status: upstream.status, headers });
}

async function ask({ request, path, apiKey, base, exchange }: Passing, body: Body): Promise<Response> {
  const init = {
    method: request.method,
    headers: headersToGateway(request.headers, apiKey),
    body,
    signal: exchange.signal,
    // The key goes to the gateway and to nobody it may point at.
    redirect: "manual",
    cache: "no-store",
  } as const;
  return fetch(`${base}/${path}${queryOf(request.url)}`, init);
}

/** Time lines name the machines that worked on a request: nothing for browsers. */
function queryOf(url: string): string {
  const { search, searchParams } = new URL(url);
  if (!searchParams.has("include")) return search;
  searchParams.delete("include");
  return searchParams.size === 0 ? "" : `?${searchParams}`;
}

/**
 * Throws for what a gateway that knows our key does not say: a 401 would blame the visitor, and a page or a redirect comes
 * from something else, and would be shown under the application's own origin.
 */
function requireGateway({ status, headers }: Response): void {
  if (status === 401)
    throw new Refusal(misconfigured("The gateway does not take the VISGATE_API_KEY of this server: set a valid one."));
  const isRedirect = status >= 300 && status < 400;
  const isOurs = status === 204 || isJson(headers) || (isEventStream(headers) && status === 200);
  if (isRedirect || !isOurs) throw new Error("not the gateway's answer");
}

/** JSON is read to its end first, so that half of it is never handed on as if it were all. */
async function bodyOf(upstream: Response, exchange: Exchange): Promise<Stream | ArrayBuffer | null> {
  if (upstream.body !== null && isEventStream(upstream.headers)) return relay(upstream.body, exchange);
  const bytes = await upstream.arrayBuffer();
  exchange.end();
  return upstream.status === 204 ? null : bytes;
}
