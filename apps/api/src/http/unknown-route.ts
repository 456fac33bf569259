/** Answers what no route handles: 405 at a path that has other methods, 404 elsewhere, with what was probably meant. */
import { nearest } from "@visgate/shared/catalogue";
import { VisgateError } from "@visgate/shared/errors";
import type { Hono } from "hono";
import { answer } from "./answer.js";
import type { Ctx, Env, Handler } from "./route.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const MAX_SHOWN = 100;

/** `docs`: the URL of the docs page. */
export function unknownRoute(app: Hono<Env>, docs: string): Handler {
  const paths = [...new Set(app.routes.map(({ path }) => path))].filter((path) => !/[:*]/.test(path));
  return (c) => {
    const { method, path } = c.req;
    const allow = allowedMethods(app, path);
    if (allow === "") throw notFound(c, nearest(path.slice(0, MAX_SHOWN), paths), docs);
    if (method === "OPTIONS") return answer(c, null, 204, { Allow: allow });
    const message = `${method} is not a method of this path, which takes ${allow}. The docs: ${docs}`;
    throw new VisgateError("METHOD_NOT_ALLOWED", message, { allowed: allow.split(", "), docs });
  };
}

/** The value of the header Allow; "" when nothing is at this path. */
function allowedMethods(app: Hono<Env>, path: string): string {
  const exact = app.routes.filter((route) => route.path === path).map(({ method }) => method);
  // GET /requests/{id} matches /requests/bulk too, which is no id.
  const isTaken = (method: string) =>
    exact.length > 0 ? exact.includes(method) : app.router.match(method, path)[0].length > 0;
  const taken = METHODS.filter(isTaken);
  if (taken.length === 0) return "";
  return [...taken.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"].join(", ");
}

function notFound(c: Ctx, suggestion: string | null, docs: string): VisgateError {
  const { method, path } = c.req;
  const shown = path.length > MAX_SHOWN ? `${path.slice(0, MAX_SHOWN)}…` : path;
  const hint = suggestion === null ? "" : ` Did you mean ${suggestion}?`;
  const message = `There is nothing at ${method} ${shown}.${hint} The docs: ${docs}`;
  return new VisgateError("NOT_FOUND", message, { docs, ...(suggestion === null ? {} : { suggestion }) });
}
