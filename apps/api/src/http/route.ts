/** One route is a handler and its documentation. app.ts gives it its method, its path and its authorization. */
import type { RouteConfig } from "@asteasolutions/zod-to-openapi";
import type { ErrorCode } from "@visgate/shared/errors";
import { type ApiKey, type Organization, SCOPES, type Scope } from "@visgate/shared/organization";
import type { Rates } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

export interface Variables {
  httpRequestId: string;
  /** Set on routes that need an API key, with the next one. */
  apiKey: ApiKey;
  organization: Organization;
  /** The generation request that this HTTP request is about, for the access log. */
  requestId: string;
  /** Set on submits that are under a rate limit, for the headers of the answer. */
  rates: Rates | undefined;
}

export interface Env {
  Variables: Variables;
}

export interface CallRequest {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  /** `name`: in lower case. */
  header(name: string): string | undefined;
  param(name: string): string | undefined;
  query(name: string): string | undefined;
  queries(): Record<string, string[]>;
  text(): Promise<string>;
  readonly raw: {
    readonly signal: AbortSignal;
    readonly headers: Headers;
    readonly body: ReadableStream<Uint8Array> | null;
  };
}

/** What handlers see of a call: a part of Hono's context, which hot-call.ts has too. */
export interface Ctx {
  readonly req: CallRequest;
  readonly env: unknown;
  get<Name extends keyof Variables>(name: Name): Variables[Name];
  set<Name extends keyof Variables>(name: Name, value: Variables[Name]): void;
}

/** The headers are one plain object, which the server writes as it is. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | ReadableStream | null;
}

export type Handler = (c: Ctx) => Answer | Promise<Answer>;

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

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * A scope: the pipeline requires an API key that has it. `own-request`: one that may generate or read, because a key
 * that may only generate must see what becomes of its requests. `any-key`: any API key. `admin`: the operator's admin
 * key. `signed-url`: the handler itself checks the signature in the URL.
 */
export type Authorization = Scope | "own-request" | "any-key" | "admin" | "signed-url" | "none";

/** The scopes of which an API key needs one; null when the route needs no API key. */
export function scopesFor(authorization: Authorization): readonly Scope[] | null {
  if (authorization === "any-key") return SCOPES;
  if (authorization === "own-request") return ["generate", "read"];
  return SCOPES.includes(authorization as Scope) ? [authorization as Scope] : null;
}

/** Paths are as in OpenAPI, with `{id}`. A trailing `{id…}` takes the rest of the path, including its slashes. */
export type RouteRow = readonly [method: Method, path: string, authorization: Authorization, route: Route];

/** A body or an answer in JSON. `example`: one that succeeds as it stands. */
export const json = <Schema>(schema: Schema, example?: unknown) => ({
  "application/json": { schema, ...(example === undefined ? {} : { example }) },
});
