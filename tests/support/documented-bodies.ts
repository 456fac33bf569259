/**
 * The exact body that each provider must receive: for every variant of every built-in model, once with only the prompt
 * (and an image, if the variant takes one) and once with all fields. Written from the providers' documentation, not
 * from our code.
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
