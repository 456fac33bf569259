/** The video model of each provider that a caller gets who names none. */
import type { ProviderName } from "./providers.js";

export const VIDEO_MODEL_PRESETS = {
  fal: "fal-ai/veo3",
  runway: "runway/gen4_turbo",
  replicate: "replicate/google/veo-3",
} as const satisfies Record<ProviderName, string>;
