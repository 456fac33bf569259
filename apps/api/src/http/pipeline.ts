/** What every HTTP request runs through, in this order: an id, the API key, the handler, the error body, a log line. */
import type { Deps } from "../deps.js";
import { ADMIN_KEY_HEADER, type AuthenticateAdmin } from "./admin-key.js";
import { type Authenticate, requireScope } from "./auth.js";
import { callerAddress } from "./caller-address.js";
import { type ErrorShape, errorAnswer } from "./errors.js";
import { allowPages } from "./for-pages.js";
import { requestIdOf } from "./request-id.js";
import { type Answer, type Authorization, type Ctx, type Handler, scopesFor } from "./route.js";
import { traced } from "./traced.js";

interface Endpoint {
  /** As the route table writes it; metrics count by it. */
  path: string;
  /** The whole path, for traces. Default: `path`. */
  route?: string;
  authorization: Authorization;
  isForPages?: boolean;
  /** Default: our own error body. */
  errorShape?: ErrorShape;
  handle: Handler;
}

interface Authentication {
  authenticate: Authenticate;
  authenticateAdmin: AuthenticateAdmin;
}

/** Makes what runs for the calls of an endpoint. */
export type Pipeline = (endpoint: Endpoint) => (c: Ctx) => Promise<Answer>;

export function createPipeline(deps: Deps, { authenticate, authenticateAdmin }: Authentication): Pipeline {
  async function authorize(c: Ctx, authorization: Authorization): Promise<void> {
    const addressOf = () => callerAddress(c, deps.settings.trustedProxies);
    if (authorization === "admin") return authenticateAdmin(c.req.header(ADMIN_KEY_HEADER), addressOf);
    const scopes = scopesFor(authorization);
    if (scopes === null) return;
    const { apiKey, organization } = await authenticate(c.req.header("authorization"), addressOf);
    c.set("apiKey", apiKey);
    c.set("organization", organization);
    requireScope(apiKey, scopes);
  }

  return ({ path, route = path, authorization, isForPages, errorShape, handle }: Endpoint) => {
    const run = async (c: Ctx): Promise<Answer> => {
      const began = performance.now();
      c.set("httpRequestId", requestIdOf(c.req.header("x-request-id")));
      let answer: Answer;
      try {
        await authorize(c, authorization);
        answer = await handle(c);
      } catch (error) {
        answer = errorAnswer(c, error, deps.log, { shape: errorShape });
      }
      if (isForPages) allowPages(answer);
      logRequest(deps, c, { route: path, status: answer.status, ms: performance.now() - began });
      return answer;
    };
    return traced(deps.tracing, { route, authorization }, run);
  };
}

function logRequest(deps: Deps, c: Ctx, { route, status, ms }: { route: string; status: number; ms: number }): void {
  const { method, path } = c.req;
  deps.metrics.observeHttp(method, route, status, ms);
  const organization = c.get("apiKey")?.organization;
  deps.accessLog({
    method,
    path,
    status,
    ms,
    organization,
    httpRequestId: c.get("httpRequestId"),
    requestId: c.get("requestId"),
    traceId: deps.tracing.current().traceId,
  });
}
