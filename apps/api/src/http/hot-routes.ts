/**
 * The shortest way for the calls under load. Hono makes a request and a response object for each call and looks for its
 * route, which costs a status poll as much as all the rest. The calls of a few routes run through the same pipeline and
 * the same handler without that. A call with anything unusual about it goes through Hono, whose answer would be the same.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { HotCall } from "./hot-call.js";
import type { Answer, Ctx, Method } from "./route.js";

export interface HotRoute {
  method: Method;
  /** May end with `/{id}`. */
  path: string;
  run(c: Ctx): Promise<Answer>;
}

/** Answers the call, unless Hono has to: then it returns false. */
export type AnswerHot = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

const ID = "{id}";
/** Nothing that is decoded, normalized or cut off on the way to a handler. */
const USUAL_ID = /^[\w-]+$/;
const USUAL_HOST = /^[\w.-]+(:\d+)?$/;

export function createHotRoutes(routes: readonly HotRoute[]): AnswerHot {
  const exact = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  const withId = routes
    .filter(({ path }) => path.endsWith(ID))
    .map((route) => ({ route, start: route.path.slice(0, -ID.length) }));

  function find(method: string, url: string): { route: HotRoute; id: string | undefined } | null {
    const route = exact.get(`${method} ${url}`);
    if (route !== undefined) return { route, id: undefined };
    for (const one of withId) {
      if (one.route.method !== method || !url.startsWith(one.start)) continue;
      const id = url.slice(one.start.length);
      return USUAL_ID.test(id) ? { route: one.route, id } : null;
    }
    return null;
  }

  return (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    if (!USUAL_HOST.test(headers.host ?? "") || !hasUsualBody(incoming)) return false;
    const found = find(method, url);
    if (found === null) return false;
    const call = new HotCall({ incoming, outgoing, id: found.id });
    found.route.run(call).then(
      (answer) => write(answer, outgoing),
      // The pipeline answers every error. Without an answer the caller would wait for ever.
      () => outgoing.destroy(),
    );
    return true;
  };
}

function hasUsualBody({ method, headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  return method === "GET" ? headers["content-length"] === undefined : headers["content-length"] !== undefined;
}

/** These routes answer with text only. */
function write({ status, headers, body }: Answer, outgoing: ServerResponse): void {
  const text = typeof body === "string" ? body : "";
  headers["Content-Length"] = String(Buffer.byteLength(text));
  outgoing.writeHead(status, headers).end(text);
}
