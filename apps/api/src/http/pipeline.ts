/** What every request passes, in this order: an id, the key, the handler, the error body, one wide log line. */
import { randomUUID } from "node:crypto";
import type { Handler } from "hono";
import type { Deps } from "../deps.js";
import type { Authenticate } from "./auth.js";
import { errorAnswer } from "./errors.js";
import type { Ctx, Env, Route } from "./route.js";

const GIVEN_ID = /^[\w.-]{1,128}$/;

export function createPipeline(deps: Deps, authenticate: Authenticate) {
  return ({ path, auth, handler }: Pick<Route, "path" | "auth" | "handler">): Handler<Env> => {
    const handle = handler(deps);
    return async (c) => {
      const began = performance.now();
      c.set("httpRequestId", requestIdOf(c.req.header("x-request-id")));
      let response: Response;
      try {
        if (auth === "key") c.set("apiKey", await authenticate(c.req.header("authorization")));
        response = await handle(c);
      } catch (error) {
        response = errorAnswer(c, error, deps.log);
      }
      logRequest(deps, c, { route: path, status: response.status, ms: performance.now() - began });
      return response;
    };
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
