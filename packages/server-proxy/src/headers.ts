/** The headers that pass the proxy, in both directions. All others are dropped. */

/** Without Authorization, Cookie, provider keys, X-Forwarded-For and hop-by-hop headers. */
const TO_GATEWAY = ["accept", "content-type", "idempotency-key", "prefer", "last-event-id"];
/** `location` passes as well, rewritten. */
const TO_BROWSER = [
  "content-type",
  "retry-after",
  "preference-applied",
  "idempotency-replayed",
  "x-request-id",
  "cache-control",
];
/** Keep compressing middleware and nginx from buffering a stream. */
const UNBUFFERED = { "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" };

export function headersToGateway(from: Headers, apiKey: string): Headers {
  const headers = pick(from, TO_GATEWAY);
  headers.set("authorization", `Bearer ${apiKey}`);
  return headers;
}

/** An answer belongs to one visitor, so no cache on the way may store it unless the gateway allows that. */
export function headersToBrowser(from: Headers, location: string | null): Headers {
  const headers = pick(from, TO_BROWSER);
  if (location !== null) headers.set("location", location);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (isEventStream(from)) for (const [name, value] of Object.entries(UNBUFFERED)) headers.set(name, value);
  return headers;
}

export function isEventStream(headers: Headers): boolean {
  return mediaType(headers) === "text/event-stream";
}

export function isJson(headers: Headers): boolean {
  return mediaType(headers) === "application/json";
}

/**
 * The gateway's Location as a path through the proxy; null when it is missing or does not lie below `base`.
 * `asked` is the URL of the browser's request, which ends with `path`.
 */
export function rewriteLocation(
  location: string | null,
  { base, asked, path }: Record<"base" | "asked" | "path", string>,
) {
  const { pathname } = new URL(asked);
  if (location === null || !pathname.endsWith(`/${path}`)) return null;
  const target = absolute(location, base);
  const mountedAt = pathname.slice(0, -path.length - 1);
  return target.startsWith(`${base}/`) ? mountedAt + target.slice(base.length) : null;
}

/** Empty when it is no URL. Not `URL.canParse`, which in Node 20 may say false for a valid one. */
function absolute(location: string, base: string): string {
  try {
    return new URL(location, base).href;
  } catch {
    return "";
  }
}

function pick(from: Headers, names: readonly string[]): Headers {
  const headers = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

function mediaType(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";", 1).join("").trim().toLowerCase();
}
