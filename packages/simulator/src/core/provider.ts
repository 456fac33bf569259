import type { Hono } from "hono";
import type { NodeContext } from "./mishaps.js";
import type { Simulation } from "./simulation.js";
import type { ProviderWebhook } from "./webhooks.js";

/** The simulation for one call: its answers contain URLs that the caller can reach. */
export type SeenBy = (c: NodeContext) => Simulation;

/** What a provider's folder exports: its wire protocol over the jobs that all providers share. */
export interface SimulatedProvider {
  /** Also the path under which it is mounted. */
  name: string;
  routes(seenBy: SeenBy): Hono<{ Bindings: NodeContext["env"] }>;
  /** Null when the provider sends no webhooks. */
  webhook: ProviderWebhook | null;
}
