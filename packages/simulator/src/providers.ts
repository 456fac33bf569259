import { join } from "node:path";
import type { Hono } from "hono";
import type { Job } from "./core/job.js";
import type { NodeContext } from "./core/mishaps.js";
import type { Simulation } from "./core/simulation.js";
import type { WebhookMessage } from "./core/webhooks.js";
import { falRoutes } from "./fal/routes.js";
import { openSigningKey } from "./fal/signing.js";
import { falWebhook } from "./fal/webhook.js";

/** One provider's wire protocol over the common jobs. */
export interface SimulatedProvider {
  /** Also the path it is mounted under. */
  name: string;
  routes(simulation: Simulation): Hono<{ Bindings: NodeContext["env"] }>;
  webhook(job: Job, now: number, base: string): WebhookMessage;
}

async function fal(dataDir: string): Promise<SimulatedProvider> {
  const key = await openSigningKey(join(dataDir, "fal-signing-key.pem"));
  return {
    name: "fal",
    routes: (simulation) => falRoutes(simulation, key, "/fal"),
    webhook: (job, now, base) => falWebhook(job, key, now, base),
  };
}

export const openProviders = (dataDir: string): Promise<SimulatedProvider[]> => Promise.all([fal(dataDir)]);
