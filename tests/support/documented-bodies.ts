/**
 * The exact body that each provider must receive: for every variant of every built-in model, once with only the prompt
 * (and an image, if the variant takes one) and once with all fields. Written from the providers' documentation, not
 * from our code.
 */
import { FAL_IMAGES } from "./documented-bodies/fal-images.js";
import { FAL_IMAGES_OTHERS } from "./documented-bodies/fal-images-others.js";
import { FAL_VIDEO } from "./documented-bodies/fal-video.js";
import { FAL_VIDEO_NEWEST } from "./documented-bodies/fal-video-newest.js";
import { FAL_VIDEO_OTHERS } from "./documented-bodies/fal-video-others.js";
import { FROM_MEDIA } from "./documented-bodies/from-media.js";
import { OPENAI_VIDEOS } from "./documented-bodies/openai-videos.js";
import { REPLICATE_IMAGES, REPLICATE_VIDEO } from "./documented-bodies/replicate.js";
import { REPLICATE_OTHERS } from "./documented-bodies/replicate-others.js";
import type { DocumentedBody } from "./documented-bodies/row.js";
import { RUNWAY } from "./documented-bodies/runway.js";
import { RUNWAY_OTHERS } from "./documented-bodies/runway-others.js";

export { type DocumentedBody, IMAGE, LAST_IMAGE, MEDIA, PROMPT } from "./documented-bodies/row.js";

export const DOCUMENTED_BODIES: readonly DocumentedBody[] = [
  ...FAL_VIDEO,
  ...FAL_VIDEO_OTHERS,
  ...FAL_VIDEO_NEWEST,
  ...FAL_IMAGES,
  ...FAL_IMAGES_OTHERS,
  ...REPLICATE_VIDEO,
  ...REPLICATE_IMAGES,
  ...REPLICATE_OTHERS,
  ...RUNWAY,
  ...RUNWAY_OTHERS,
  ...OPENAI_VIDEOS,
  ...FROM_MEDIA,
];
