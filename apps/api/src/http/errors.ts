/** From anything thrown to the one error body. Internals stay in the log. */
import { ERROR_STATUS, VisgateError } from "@visgate/shared/domain/errors";
import type { Logger } from "@visgate/shared/log";
import { isRedisAway } from "@visgate/shared/store/connection";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Env } from "./route.js";

const RETRY_AFTER_SECONDS = "2";

/** What the caller is told of `error`. */
export function publicError(error: unknown): VisgateError {
  if (error instanceof VisgateError) return error;
  if (isRedisAway(error)) {
    return new VisgateError("UNAVAILABLE", "The service cannot reach its queue now; send the same call again shortly.");
  }
  return new VisgateError("INTERNAL_ERROR", "Something went wrong on our side; send the same call again.");
}

export function errorResponse(c: Context<Env>, error: VisgateError): Response {
  if (error.code === "UNAVAILABLE") c.header("Retry-After", RETRY_AFTER_SECONDS);
  const status = ERROR_STATUS[error.code] as ContentfulStatusCode;
  return c.json({ error: error.code, message: error.message, details: error.details }, status);
}

export function createErrorHandler(log: Logger) {
  return (error: unknown, c: Context<Env>): Response => {
    const shown = publicError(error);
    if (shown.code === "INTERNAL_ERROR")
      log.error({ err: error, httpRequestId: c.var.httpRequestId }, "unexpected error");
    return errorResponse(c, shown);
  };
}

export function notFound(c: Context<Env>): Response {
  const message = `There is no ${c.req.method} ${c.req.path}; see /api/v1/docs.`;
  return errorResponse(c, new VisgateError("NOT_FOUND", message));
}
