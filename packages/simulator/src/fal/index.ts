import { join } from "node:path";
import type { SimulatedProvider } from "../core/provider.js";
import { falRoutes } from "./routes.js";
import { openSigningKey } from "./signing.js";
import { falWebhook } from "./webhook.js";

export async function open(dataDir: string): Promise<SimulatedProvider> {
  const key = await openSigningKey(join(dataDir, "fal-signing-key.pem"));
  return {
    name: "fal",
    routes: (seenBy) => falRoutes(seenBy, key, "/fal"),
    webhook: falWebhook(key),
  };
}
