import { Hono } from "hono";
import type { Refusal } from "../core/accept.js";
import type { NodeContext } from "../core/mishaps.js";
import type { SeenBy } from "../core/provider.js";
import { INVALID_KEY, NO_SUCH_ROUTE, WRONG_VERSION } from "./failures.js";
import { ENDPOINTS } from "./models.js";
import { organizationBody } from "./organization.js";
import { createUpload, type PendingUploads, receiveFile } from "./storage.js";
import { submit } from "./submit.js";
import { deleteTask, getTask } from "./tasks.js";

const VERSION = "2024-11-06";
/** This key is treated as revoked. */
const REVOKED_KEY = "invalid";

/** The refusal of a call without a valid key or API version; null when both are right. */
function denial(c: NodeContext): Refusal | null {
  const key = /^Bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (!key || key === REVOKED_KEY) return ["rejected: credentials", c.json(INVALID_KEY, 401)];
  if (c.req.header("x-runway-version") === VERSION) return null;
  return ["rejected: version", c.json(WRONG_VERSION, 400)];
}

/** Runway's API host, and the storage that receives the uploads. */
export function runwayRoutes(seenBy: SeenBy) {
  const pending: PendingUploads = new Set();
  const app = new Hono<{ Bindings: NodeContext["env"] }>();
  app.post("/storage", (c) => receiveFile(c, seenBy(c), pending));
  for (const endpoint of Object.keys(ENDPOINTS))
    app.post(`/v1/${endpoint}`, (c) => submit(c, endpoint, denial(c), seenBy(c)));
  app.use("/v1/*", async (c, next) => denial(c)?.[1] ?? next());
  app.get("/v1/tasks/:id", (c) => getTask(c, seenBy(c)));
  app.delete("/v1/tasks/:id", (c) => deleteTask(c, seenBy(c)));
  app.get("/v1/organization", (c) => c.json(organizationBody(seenBy(c))));
  app.post("/v1/uploads", (c) => createUpload(c, seenBy(c), pending));
  app.all("/*", (c) => c.json(NO_SUCH_ROUTE, 404));
  return app;
}
