import { join } from "node:path";
import type { SimulatedProvider } from "../core/provider.js";
import { replicateRoutes } from "./routes.js";
import { openWebhookSecret } from "./signing.js";
import { replicateWebhook } from "./webhook.js";

export async function open(dataDir: string): Promise<SimulatedProvider> {
  const secret = await openWebhookSecret(join(dataDir, "replicate-webhook-secret"));
  return {
    name: "replicate",
    routes: (seenBy) => replicateRoutes(seenBy, secret),
    webhook: replicateWebhook(secret),
  };
}
