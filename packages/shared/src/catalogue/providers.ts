/** The providers there are adapters for. */
export const PROVIDER_NAMES = ["fal", "replicate", "runway"] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];
