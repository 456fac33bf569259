/** The only list of providers. A new provider is a folder and a line here. */
export { fal } from "./fal/provider.js";
export { openAiVideos } from "./openai-videos/provider.js";
export { replicate } from "./replicate/provider.js";
export { runway } from "./runway/provider.js";
