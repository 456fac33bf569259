import { defineProvider } from "../provider.js";
import { openModel } from "./models.js";
import { readServers } from "./servers.js";

export const openAiVideos = defineProvider(import.meta.url, {
  models: [],
  openModel,
  readSettings: readServers,
  createAdapter: async (options) => (await import("./adapter.js")).createOpenAiVideosAdapter(options),
});
