/** One route: its place, its documentation and its handler. app.ts lists them all. */
import type { RouteConfig } from "@asteasolutions/zod-to-openapi";
import type { ApiKey } from "@visgate/shared/store";
import type { Context } from "hono";
import type { Deps } from "../deps.js";

export interface Env {
  Variables: {
    httpRequestId: string;
    /** On routes with `auth: "key"`. */
    apiKey: ApiKey;
    /** The generation request this HTTP request is about, for the log. */
    requestId: string;
  };
}
export type Ctx = Context<Env>;

export interface Route {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** As in OpenAPI, `{id}`; a trailing `{id…}` takes the rest of the path, slashes and all. */
  path: string;
  auth: "key" | "none";
  docs: Pick<RouteConfig, "summary" | "description" | "request" | "responses" | "tags">;
  handler: (deps: Deps) => (c: Ctx) => Response | Promise<Response>;
}

export const json = <Schema>(schema: Schema) => ({ "application/json": { schema } });
