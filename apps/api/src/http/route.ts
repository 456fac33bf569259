/** One route is a handler and its documentation. app.ts gives it its method, its path and its authorization. */
import type { RouteConfig } from "@asteasolutions/zod-to-openapi";
import type { ErrorCode } from "@visgate/shared/errors";
import type { ApiKey } from "@visgate/shared/store";
import type { Context } from "hono";
import type { Deps } from "../deps.js";

export interface Env {
  Variables: {
    httpRequestId: string;
    /** Set on routes that need an API key. */
    apiKey: ApiKey;
    /** The generation request that this HTTP request is about, for the access log. */
    requestId: string;
  };
}
export type Ctx = Context<Env>;

export type Handler = (c: Ctx) => Response | Promise<Response>;

export interface RouteDocs extends Pick<RouteConfig, "summary" | "description" | "request" | "responses" | "tags"> {
  /** Client generators name their methods after it. */
  operationId: string;
  /** The errors beside those that follow from the route's key, body and query (openapi/errors.ts). */
  errors?: readonly ErrorCode[];
}

export interface Route {
  docs: RouteDocs;
  /** Called once per app; the handler that it returns is called per request. */
  handler: (deps: Deps) => Handler;
  /** Whether pages of other origins may read the answers. Their URLs carry all that is needed. */
  isForPages?: boolean;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** `key`: the pipeline requires an API key. `signed-url`: the handler itself checks the signature in the URL. */
export type Authorization = "key" | "signed-url" | "none";

/** Paths are as in OpenAPI, with `{id}`. A trailing `{id…}` takes the rest of the path, including its slashes. */
export type RouteRow = readonly [method: Method, path: string, authorization: Authorization, route: Route];

/** A body or an answer in JSON. `example`: one that succeeds as it stands. */
export const json = <Schema>(schema: Schema, example?: unknown) => ({
  "application/json": { schema, ...(example === undefined ? {} : { example }) },
});
