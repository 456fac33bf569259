import { Hono } from "hono";
import type { NodeContext } from "../core/mishaps.js";
import type { SeenBy } from "../core/provider.js";
import { createFile, downloadFile, getFile } from "./files.js";
import { cancelPrediction, getPrediction, listPredictions } from "./predictions.js";
import { notFound, unauthenticated } from "./problems.js";
import type { WebhookSecret } from "./signing.js";
import { submit } from "./submit.js";

/** This key is treated as revoked. */
const REVOKED_KEY = "invalid";

function isAuthorized(c: NodeContext): boolean {
  const match = /^(?:Bearer|Token)\s+(.+)$/i.exec(c.req.header("authorization") ?? "");
  return match !== null && match[1] !== REVOKED_KEY;
}

const ACCOUNT = { type: "organization", username: "simulator", name: "Simulator", github_url: null };

/** Replicate's HTTP API. */
export function replicateRoutes(seenBy: SeenBy, secret: WebhookSecret) {
  const app = new Hono<{ Bindings: NodeContext["env"] }>();
  // Before the key check, so that a submit with a bad key is recorded like any other.
  app.post("/v1/predictions", (c) => submit(c, null, isAuthorized(c), seenBy(c)));
  app.post("/v1/models/:owner/:name/predictions", (c) =>
    submit(c, `${c.req.param("owner")}/${c.req.param("name")}`, isAuthorized(c), seenBy(c)),
  );
  app.use("/*", async (c, next) => (isAuthorized(c) ? next() : unauthenticated(c)));
  app.get("/v1/predictions", (c) => listPredictions(c, seenBy(c)));
  app.get("/v1/predictions/:id", (c) => getPrediction(c, seenBy(c)));
  app.post("/v1/predictions/:id/cancel", (c) => cancelPrediction(c, seenBy(c)));
  app.post("/v1/files", (c) => createFile(c, seenBy(c)));
  app.get("/v1/files/:id", (c) => getFile(c, seenBy(c)));
  app.get("/v1/files/:id/download", (c) => downloadFile(c, seenBy(c)));
  app.get("/v1/account", (c) => c.json(ACCOUNT));
  app.get("/v1/webhooks/default/secret", (c) => c.json({ key: secret.text }));
  app.all("/*", (c) => notFound(c));
  return app;
}
