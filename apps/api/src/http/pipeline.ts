/** What every HTTP request runs through, in this order: an id, the API key, the handler, the error body, a log line. */
import { randomUUID } from "node:crypto";
import type { Handler as HonoHandler } from "hono";
import type { Deps } from "../deps.js";
import type { Authenticate } from "./auth.js";
import { errorAnswer } from "./errors.js";
import type { Authorization, Ctx, Env, Handler } from "./route.js";

const GIVEN_ID = /^[\w.-]{1,128}$/;

interface Endpoint {
  /** As the route table writes it; metrics count by it. */
  path: string;
  authorization: Authorization;
  handle: Handler;
}

export function createPipeline(deps: Deps, authenticate: Authenticate) {
  return ({ path, authorization, handle }: Endpoint): HonoHandler<Env> =>
    async (c) => {
      const began = performance.now();
      c.set("httpRequestId", requestIdOf(c.req.header("x-request-id")));
      let response: Response;
      try {
        if (authorization === "key") c.set("apiKey", await authenticate(c.req.header("authorization")));
        response = await handle(c);
      } catch (error) {
        response = errorAnswer(c, error, deps.log);
      }
      logRequest(deps, c, { route: path, status: response.status, ms: performance.now() - began });
      return response;
    };
}

function requestIdOf(given: string | undefined): string {
  return given !== undefined && GIVEN_ID.test(given) ? given : randomUUID();
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
  });
}
