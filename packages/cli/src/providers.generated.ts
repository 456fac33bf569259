/** Made of each provider's provider.json by `npm run generate`; do not edit. */

/** What a video is made with, unless told otherwise. */
export const DEFAULT_MODEL = "fal-ai/veo3.1/fast";

/** What the API makes an image with, unless told otherwise. */
export const DEFAULT_IMAGE_MODEL = "fal-ai/flux/schnell";

/** Where a gateway's own keys of the providers come from, by provider. */
export const KEY_VARIABLES: Readonly<Record<string, string>> = {
  fal: "FAL_KEY",
  "openai-videos": "OPENAI_VIDEOS_API_KEY",
  replicate: "REPLICATE_API_TOKEN",
  runway: "RUNWAYML_API_SECRET",
};
