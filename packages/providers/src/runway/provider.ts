import { defineProvider } from "../provider.js";
import { runwayModels } from "./models.js";

export const runway = defineProvider(import.meta.url, {
  models: runwayModels,
  createAdapter: async (options) => (await import("./adapter.js")).createRunwayAdapter(options),
});
