import type { SimulatedProvider } from "../core/provider.js";
import { NAME } from "./answers.js";
import { videoRoutes } from "./routes.js";

export async function open(): Promise<SimulatedProvider> {
  return { name: NAME, routes: videoRoutes, webhook: null };
}
