import type { Hono } from "hono";
import type { NodeContext } from "./mishaps.js";
import type { Simulation } from "./simulation.js";
import type { ProviderWebhook } from "./webhooks.js";

/** One provider's wire protocol over the common jobs. */
export interface SimulatedProvider {
  /** Also the path it is mounted under. */
  name: string;
  routes(simulation: Simulation): Hono<{ Bindings: NodeContext["env"] }>;
  /** Null when it tells nothing by itself. */
  webhook: ProviderWebhook | null;
}
