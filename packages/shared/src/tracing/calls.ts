/** Calls to other servers, as client spans. */
import { parseUrl } from "../parse-url.js";
import { hideUrlSecrets } from "../runtime/hide-url-secrets.js";
import { callAttributes, setStatus } from "./conventions.js";
import type { Span, Tracing } from "./tracing.js";

interface Called {
  method: string;
  url: string;
}

/** `run` gets the span, whose `traceparent` it may send along. */
export async function traceCall<T extends { status: number }>(
  tracing: Tracing,
  { method, url }: Called,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const parsed = tracing.isOn ? parseUrl(url) : null;
  if (parsed === null) return run(tracing.current());
  return tracing.span(method, { kind: "client", attributes: callAttributes(method, parsed) }, async (span) => {
    const answer = await run(span);
    setStatus(span, answer.status, "client");
    return answer;
  });
}

/**
 * A `fetch` for a provider. The provider gets no `traceparent` unless `isSent`: it is an id of the caller's system. A
 * call is a detail of its step, so a look that finds nothing new leaves no span.
 */
export function traceFetch(tracing: Tracing, fetch: typeof globalThis.fetch, isSent: boolean): typeof globalThis.fetch {
  if (!tracing.isOn) return fetch;
  return (input, init = {}) => {
    const isRequest = input instanceof Request;
    const url = new URL(isRequest ? input.url : input);
    const method = (init.method ?? (isRequest ? input.method : "GET")).toUpperCase();
    const attributes = { ...callAttributes(method, url), "url.full": hideUrlSecrets(url.href) };
    return tracing.span(method, { kind: "client", attributes, isDetail: true }, async (span) => {
      const answer = await fetch(input, isSent ? withTraceparent(span, input, init) : init);
      setStatus(span, answer.status, "client");
      return answer;
    });
  };
}

function withTraceparent({ traceparent }: Span, input: string | URL | Request, init: RequestInit): RequestInit {
  if (traceparent === undefined) return init;
  const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
  headers.set("traceparent", traceparent);
  return { ...init, headers };
}
