import type { SimulatedProvider } from "../core/provider.js";
import { runwayRoutes } from "./routes.js";

export async function open(): Promise<SimulatedProvider> {
  return { name: "runway", routes: runwayRoutes, webhook: null };
}
