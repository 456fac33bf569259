/** Calls as server spans, which continue the trace of the caller. */
import { setStatus, type Tracing } from "@visgate/shared/tracing";
import type { Answer, Authorization, Ctx } from "./route.js";

interface Endpoint {
  /** The whole path, as the route table writes it. */
  route: string;
  authorization: Authorization;
}

type Run = (c: Ctx) => Promise<Answer>;

/**
 * Routes without a key (health, models, documents) make no span, and a GET makes one only in a caller's trace: a
 * generation has hundreds of status polls, and a span costs as much as a poll.
 */
export function traced(tracing: Tracing, { route, authorization }: Endpoint, run: Run): Run {
  if (!tracing.isOn || authorization === "none") return run;
  return (c) => {
    const { method, path } = c.req;
    const parent = c.req.header("traceparent");
    if (method === "GET" && parent === undefined) return run(c);
    const attributes = {
      ...{ "http.request.method": method, "http.route": route },
      // Of some signed URLs the path may be the secret.
      ...{ "url.scheme": "http", "url.path": authorization === "signed-url" ? route : path },
    };
    const options = { kind: "server", parent, attributes } as const;
    return tracing.span(`${method} ${route}`, options, async (span) => {
      const answer = await run(c);
      setStatus(span, answer.status, "server");
      span.set({ "visgate.http_request_id": c.get("httpRequestId"), ...idsOf(c) });
      return answer;
    });
  };
}

function idsOf(c: Ctx): Record<string, string> {
  const organization = c.get("apiKey")?.organization;
  const requestId = c.get("requestId");
  return {
    ...(organization === undefined ? {} : { "visgate.organization": organization }),
    ...(requestId === undefined ? {} : { "visgate.request_id": requestId }),
  };
}
