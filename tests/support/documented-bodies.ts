/**
 * What each provider is to be sent, to the letter: for every variant of every built-in model with nothing but the prompt
 * (and an image where it takes one), and with everything set. Written from the providers' documents, not from our code.
 */
import { FAL_IMAGES } from "./documented-bodies/fal-images.js";
import { FAL_VIDEO } from "./documented-bodies/fal-video.js";
import { OPENAI_VIDEOS } from "./documented-bodies/openai-videos.js";
import { REPLICATE_IMAGES, REPLICATE_VIDEO } from "./documented-bodies/replicate.js";
import type { DocumentedBody } from "./documented-bodies/row.js";
import { RUNWAY } from "./documented-bodies/runway.js";

export { type DocumentedBody, IMAGE, LAST_IMAGE, PROMPT } from "./documented-bodies/row.js";

export const DOCUMENTED_BODIES: readonly DocumentedBody[] = [
  ...FAL_VIDEO,
  ...FAL_IMAGES,
  ...REPLICATE_VIDEO,
  ...REPLICATE_IMAGES,
  ...RUNWAY,
  ...OPENAI_VIDEOS,
];
