/** Forwards one call to the gateway, and passes back only what a gateway would answer. */
import { readBody, refuseWebhookUrl } from "./body.js";
import { misconfigured, Refusal } from "./error-responses.js";
import { type Exchange, relay } from "./exchange.js";
import { headersToBrowser, headersToGateway, isEventStream, isJson, rewriteLocation } from "./headers.js";

export interface Forwarding {
  request: Request;
  /** Below the gateway's base URL. */
  path: string;
  apiKey: string;
  base: string;
  exchange: Exchange;
}

/** The answer was lost: the gateway may have accepted the call, and a repeated one may be billed again. */
export class LostAnswer extends Error {
  override name = "LostAnswer";
}

/** Null when there is no body. */
type Body = Uint8Array<ArrayBuffer> | null;

/** @throws Refusal, or LostAnswer when repeating the call is not safe; any other error means that it is safe */
export async function forward(forwarding: Forwarding): Promise<Response> {
  const { request, path, exchange } = forwarding;
  const body = request.method === "POST" ? await readBody(request, exchange.signal) : null;
  if (body !== null) refuseWebhookUrl(body);
  try {
    return await exchangeWithGateway(forwarding, body);
  } catch (error) {
    const isSafe = error instanceof Refusal || isRepeatable(request, path) || wasNeverSent(error);
    throw isSafe ? error : new LostAnswer("the gateway may have accepted the call", { cause: error });
  }
}

/** With an idempotency key a repeated call is the same generation; without a key it may be a second one. */
function isRepeatable({ method, headers }: Request, path: string): boolean {
  return method !== "POST" || headers.has("idempotency-key") || !path.endsWith("generate");
}

/** Node's codes for a connection that was never established. */
const NOT_CONNECTED_CODES = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** False when the runtime gives no code, as others than Node: then the call may have been sent. */
function wasNeverSent(error: unknown): boolean {
  const { cause } = (error ?? {}) as { cause?: { code?: unknown } };
  return NOT_CONNECTED_CODES.has(String(cause?.code));
}

async function exchangeWithGateway(forwarding: Forwarding, body: Body): Promise<Response> {
  const { request, path, base, exchange } = forwarding;
  const upstream = await send(forwarding, body);
  requireGateway(upstream);
  const location = rewriteLocation(upstream.headers.get("location"), { base, asked: request.url, path });
  const headers = headersToBrowser(upstream.headers, location);
  return new Response(await bodyOf(upstream, exchange), { status: upstream.status, headers });
}

async function send({ request, path, apiKey, base, exchange }: Forwarding, body: Body): Promise<Response> {
  const init = {
    method: request.method,
    headers: headersToGateway(request.headers, apiKey),
    body,
    signal: exchange.signal,
    // A redirect would carry the key to another server.
    redirect: "manual",
    cache: "no-store",
  } as const;
  return fetch(`${base}/${path}${queryOf(request.url, path, request.method)}`, init);
}

const SHOWS_REQUESTS = /^requests(\/[^/]+)?$/;

/**
 * What browsers must not see: time lines name the machines that worked on a request, and its input is the prompt of
 * another visitor or of the application, which `text` could search for.
 */
function queryOf(url: string, path: string, method: string): string {
  const { searchParams } = new URL(url);
  for (const name of ["include", "text"]) searchParams.delete(name);
  if (SHOWS_REQUESTS.test(path) && (method === "GET" || method === "HEAD")) searchParams.set("include", "-input");
  return searchParams.size === 0 ? "" : `?${searchParams}`;
}

/**
 * Refuses a 401, which would blame the visitor for the server's key. Throws for a page or a redirect: it comes from
 * another server, and the browser would show it under the application's own origin.
 */
function requireGateway({ status, headers }: Response): void {
  if (status === 401) {
    throw new Refusal(
      misconfigured("The gateway does not accept the VISGATE_API_KEY of this server: set a valid one."),
    );
  }
  const isRedirect = status >= 300 && status < 400;
  const isApiResponse = status === 204 || isJson(headers) || (isEventStream(headers) && status === 200);
  if (isRedirect || !isApiResponse) throw new Error("the response does not come from the gateway");
}

/** Reads JSON to its end first, so that a cut answer is never passed on as a complete one. */
async function bodyOf(upstream: Response, exchange: Exchange) {
  if (upstream.body !== null && isEventStream(upstream.headers)) return relay(upstream.body, exchange);
  const bytes = await upstream.arrayBuffer();
  exchange.end();
  return upstream.status === 204 ? null : bytes;
}
