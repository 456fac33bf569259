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
  /** Each `{name}` in it is one part of the path. */
  path: string;
  run(c: Ctx): Promise<Answer>;
}

/** Answers the call, unless Hono has to: then it returns false. */
export type AnswerHot = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/** Of one part of a path: nothing that is decoded, normalized or cut off on the way to a handler. */
const USUAL_PART = "(?!\\.+(?:/|$))[\\w.-]+";
const USUAL_HOST = /^[\w.-]+(:\d+)?$/;

export function createHotRoutes(routes: readonly HotRoute[]): AnswerHot {
  const exact = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  const patterns = routes.filter(({ path }) => path.includes("{")).map(patternOf);

  function find(method: string, url: string): { route: HotRoute; params: Record<string, string> } | null {
    const route = exact.get(`${method} ${url}`);
    if (route !== undefined) return { route, params: NONE };
    for (const one of patterns) {
      if (one.route.method !== method || !url.startsWith(one.start)) continue;
      const params = one.pattern.exec(url)?.groups;
      if (params !== undefined) return { route: one.route, params };
    }
    return null;
  }

  return (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    if (!USUAL_HOST.test(headers.host ?? "") || !hasUsualBody(incoming)) return false;
    const found = find(method, url);
    if (found === null) return false;
    const call = new HotCall({ incoming, outgoing, params: found.params });
    found.route.run(call).then(
      (answer) => write(answer, outgoing),
      // The pipeline answers every error. Without an answer the caller would wait for ever.
      () => outgoing.destroy(),
    );
    return true;
  };
}

const NONE = {};

/** `start`: what each path of the route begins with, which is cheaper to compare. */
function patternOf(route: HotRoute): { route: HotRoute; start: string; pattern: RegExp } {
  const text = route.path.replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>${USUAL_PART})`);
  return { route, start: route.path.slice(0, route.path.indexOf("{")), pattern: new RegExp(`^${text}$`) };
}

function hasUsualBody({ method, headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  return method === "GET" ? headers["content-length"] === undefined : headers["content-length"] !== undefined;
}

/** These routes answer with text or bytes, never with a stream. */
function write({ status, headers, body }: Answer, outgoing: ServerResponse): void {
  const whole = typeof body === "string" || body instanceof Uint8Array ? body : "";
  // A 304 has no body, and a length would be that of the whole answer.
  if (status !== 304)
    headers["Content-Length"] = String(typeof whole === "string" ? Buffer.byteLength(whole) : whole.byteLength);
  outgoing.writeHead(status, headers).end(whole);
}
