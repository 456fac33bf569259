/** Every request: an id, one wide log line, one observation in the metrics. */
import { randomUUID } from "node:crypto";
import type { Logger } from "@visgate/shared/log";
import { createMiddleware } from "hono/factory";
import type { Metrics } from "../metrics.js";
import type { Env } from "./route.js";

const GIVEN_ID = /^[\w.-]{1,128}$/;

export function observe(log: Logger, metrics: Metrics) {
  return createMiddleware<Env>(async (c, next) => {
    const began = performance.now();
    const given = c.req.header("x-request-id");
    const httpRequestId = given !== undefined && GIVEN_ID.test(given) ? given : randomUUID();
    c.set("httpRequestId", httpRequestId);
    c.header("X-Request-Id", httpRequestId);
    await next();
    const ms = performance.now() - began;
    const route = c.get("routePattern") ?? "none";
    const { method, path } = c.req;
    const { status } = c.res;
    metrics.observeHttp(method, route, status, ms);
    log.info(
      {
        httpRequestId,
        method,
        path,
        status,
        ms: Math.round(ms * 100) / 100,
        organization: c.var.apiKey?.organization,
        requestId: c.var.requestId,
      },
      "http",
    );
  });
}
