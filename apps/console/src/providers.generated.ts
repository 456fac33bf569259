/** Made of each provider's provider.json by `npm run generate`; do not edit. */

/** What a video is made with, unless told otherwise. */
export const DEFAULT_MODEL = "fal-ai/veo3.1/fast";
