import { join } from "node:path";
import type { Hono } from "hono";
import type { NodeContext } from "./core/mishaps.js";
import type { Simulation } from "./core/simulation.js";
import type { ProviderWebhook } from "./core/webhooks.js";
import { falRoutes } from "./fal/routes.js";
import { openSigningKey } from "./fal/signing.js";
import { falWebhook } from "./fal/webhook.js";
import { replicateRoutes } from "./replicate/routes.js";
import { openWebhookSecret } from "./replicate/signing.js";
import { replicateWebhook } from "./replicate/webhook.js";
import { runwayRoutes } from "./runway/routes.js";

/** One provider's wire protocol over the common jobs. */
export interface SimulatedProvider {
  /** Also the path it is mounted under. */
  name: string;
  routes(simulation: Simulation): Hono<{ Bindings: NodeContext["env"] }>;
  /** Null when it tells nothing by itself. */
  webhook: ProviderWebhook | null;
}

async function fal(dataDir: string): Promise<SimulatedProvider> {
  const key = await openSigningKey(join(dataDir, "fal-signing-key.pem"));
  return {
    name: "fal",
    routes: (simulation) => falRoutes(simulation, key, "/fal"),
    webhook: falWebhook(key),
  };
}

async function replicate(dataDir: string): Promise<SimulatedProvider> {
  const secret = await openWebhookSecret(join(dataDir, "replicate-webhook-secret"));
  return {
    name: "replicate",
    routes: (simulation) => replicateRoutes(simulation, secret),
    webhook: replicateWebhook(secret),
  };
}

const runway: SimulatedProvider = { name: "runway", routes: runwayRoutes, webhook: null };

export const openProviders = (dataDir: string): Promise<SimulatedProvider[]> =>
  Promise.all([fal(dataDir), replicate(dataDir), runway]);
