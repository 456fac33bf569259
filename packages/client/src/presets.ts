/** The video model of each provider for whoever has no other wish. */
export const VIDEO_MODEL_PRESETS = {
  fal: "fal-ai/veo3",
  runway: "runway/gen4_turbo",
  replicate: "replicate/google/veo-3",
} as const;
