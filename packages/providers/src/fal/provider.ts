import { defineProvider } from "../provider.js";
import { falModels } from "./models.js";
import { createFalVerifier } from "./report.js";
import { webhookForm } from "./words.js";

export const fal = defineProvider(import.meta.url, {
  models: falModels,
  createAdapter: async (options) => (await import("./adapter.js")).createFalAdapter(options),
  createReportVerifier: createFalVerifier,
  webhookForm,
  hasPriceList: true,
});
