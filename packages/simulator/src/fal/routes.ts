import { Hono } from "hono";
import type { Job } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import type { SeenBy } from "../core/provider.js";
import type { Simulation } from "../core/simulation.js";
import { appOf } from "./answers.js";
import { cancel, getResult, getStatus } from "./jobs.js";
import { listPrices, listRequests } from "./platform.js";
import type { SigningKey } from "./signing.js";
import { streamStatus } from "./status-stream.js";
import { getFile, initiateUpload, putFile } from "./storage.js";
import { submit } from "./submit.js";

type Handler = (c: NodeContext, job: Job | undefined, simulation: Simulation) => Response | Promise<Response>;

/** The handler for each method and for each path after `/requests/{id}`. */
const JOB_ROUTES: Readonly<Record<string, Handler>> = {
  "GET ": getResult,
  "GET /response": getResult,
  "GET /status": getStatus,
  "GET /status/stream": streamStatus,
  "PUT /cancel": cancel,
};

const JOB_PATH = /^(?<app>.+)\/requests\/(?<id>[^/]+)(?<rest>\/.*)?$/;

/** This key is treated as revoked. */
const REVOKED_KEY = "invalid";

function isAuthorized(c: NodeContext): boolean {
  const match = /^Key\s+(.+)$/i.exec(c.req.header("authorization") ?? "");
  return match !== null && match[1] !== REVOKED_KEY;
}

async function serve(c: NodeContext, path: string, simulation: Simulation): Promise<Response> {
  const match = JOB_PATH.exec(path)?.groups as { app: string; id: string; rest?: string } | undefined;
  if (!match && c.req.method === "POST") return submit(c, path, isAuthorized(c), simulation);
  if (!isAuthorized(c)) return c.json({ detail: "invalid key credentials" }, 401);
  if (!match) return c.json({ detail: "Not Found" }, 404);
  const handler = JOB_ROUTES[`${c.req.method} ${match.rest ?? ""}`];
  // A job's path contains only the app. With the full endpoint id the real queue finds a route for another method.
  if (!handler || appOf(match.app) !== match.app) return c.json({ detail: "Method Not Allowed" }, 405);
  const job = simulation.ledger.jobs.get(match.id);
  const known = job?.provider === "fal" && appOf(job.endpoint) === match.app ? job : undefined;
  c.header("x-fal-request-id", match.id);
  return handler(c, known, simulation);
}

/** fal's queue host, the uploads of its REST host and its platform's lists of requests and prices, mounted under `prefix`. */
export function falRoutes(seenBy: SeenBy, key: SigningKey, prefix: string) {
  const app = new Hono<{ Bindings: NodeContext["env"] }>();
  app.get("/.well-known/jwks.json", (c) => c.json(key.jwks));
  app.post("/storage/upload/initiate", (c) => initiateUpload(c, isAuthorized(c), seenBy(c), prefix));
  app.put("/storage/files/:id/:name", (c) => putFile(c, seenBy(c)));
  app.get("/storage/files/:id/:name", (c) => getFile(c, seenBy(c)));
  app.get("/platform/v1/models/requests/by-endpoint", (c) => listRequests(c, isAuthorized(c), seenBy(c)));
  app.get("/platform/v1/models/pricing", (c) => listPrices(c, isAuthorized(c), seenBy(c)));
  app.all("/*", (c) => serve(c, c.req.path.slice(prefix.length + 1), seenBy(c)));
  return app;
}
