/** Which headers pass, in both directions. Whatever is not named here is left behind. */

/** Not among them: Authorization, Cookie, keys of providers, X-Forwarded-For, all that is about one connection. */
const TO_GATEWAY = ["accept", "content-type", "idempotency-key", "prefer", "last-event-id"];
/** `location` too, but rewritten. */
const TO_BROWSER = [
  "content-type",
  "retry-after",
  "preference-applied",
  "idempotency-replayed",
  "x-request-id",
  "cache-control",
];
/** Compressing middleware and nginx hold a stream back unless told not to. */
const UNBUFFERED = { "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" };

export function headersToGateway(from: Headers, apiKey: string): Headers {
  const headers = pick(from, TO_GATEWAY);
  headers.set("authorization", `Bearer ${apiKey}`);
  return headers;
}

/** What is answered belongs to one visitor: nobody on the way keeps it unless the gateway says so. */
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
 * The gateway's Location as the browser has to ask for it, through the proxy; null when there is none, or it is not
 * below `base`. `asked` is the URL that the browser asked for, which ends with `path`.
 */
export function rewriteLocation(
  location: string | null,
  { base, asked, path }: Record<"base" | "asked" | "path", string>,
) {
  const { pathname } = new URL(asked);
  if (location === null || !pathname.endsWith(`/${path}`)) return null;
  const target = URL.canParse(location, base) ? new URL(location, base).href : "";
  const mountedAt = pathname.slice(0, -path.length - 1);
  return target.startsWith(`${base}/`) ? mountedAt + target.slice(base.length) : null;
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
