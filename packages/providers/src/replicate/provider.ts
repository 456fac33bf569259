import { defineProvider } from "../provider.js";
import { replicateModels } from "./models.js";
import { createReplicateVerifier } from "./report.js";
import { webhookForm } from "./words.js";

export const replicate = defineProvider(import.meta.url, {
  models: replicateModels,
  createAdapter: async (options) => (await import("./adapter.js")).createReplicateAdapter(options),
  createReportVerifier: createReplicateVerifier,
  webhookForm,
});
