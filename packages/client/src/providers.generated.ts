/** Made of each provider's provider.json by `npm run generate`; do not edit. */

/** A video model of each provider, for callers without a preference. */
export const VIDEO_MODEL_PRESETS = {
  fal: "fal-ai/veo3",
  replicate: "replicate/google/veo-3",
  runway: "runway/gen4_turbo",
} as const;

/** Keys of your own at the providers. */
export interface ProviderKeys {
  /** Your own fal key: generations are billed to you by fal. */
  falKey?: string | undefined;
  /** Your own Replicate key: generations are billed to you by Replicate. */
  replicateKey?: string | undefined;
  /** Your own Runway key: generations are billed to you by Runway. */
  runwayKey?: string | undefined;
}

/** The header that carries each key. @internal */
export const KEY_HEADERS: Readonly<Record<keyof ProviderKeys, string>> = {
  falKey: "X-Fal-Key",
  replicateKey: "X-Replicate-Key",
  runwayKey: "X-Runway-Key",
};
