/** Generates a video from a text or an image. */
import { type GenerateVideoBody, generateVideoBody, type VideoResult, videoResult } from "@visgate/shared/contract";
import { type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { json, type Route } from "../http/route.js";
import {
  commonResult,
  GENERATION_ERRORS,
  generationHandler,
  generationHeaders,
  generationResponses,
  WAITING,
} from "./generation.js";
import { videoInput } from "./generation-input.js";

/** Leaves room for an image of 5 MB in base64. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

const EXAMPLE = {
  model: "fal-ai/veo3.1/fast",
  prompt: "A lighthouse in a storm at dusk, slow aerial shot",
  duration_seconds: 8,
  params: { aspect_ratio: "16:9", resolution: "720p", generate_audio: true },
  metadata: { project: "demo" },
};

export const generateVideo: Route = {
  docs: {
    operationId: "generateVideo",
    summary: "Generate a video",
    description: `From a prompt, or from an image when image_url is given. ${WAITING}`,
    tags: ["Videos"],
    request: { headers: generationHeaders, body: { required: true, content: json(generateVideoBody, EXAMPLE) } },
    errors: GENERATION_ERRORS,
    responses: generationResponses("The video is ready.", videoResult),
  },
  handler: generationHandler<GenerateVideoBody, null>({
    bodySchema: generateVideoBody,
    maxBodyBytes: MAX_BODY_BYTES,
    readQuery: () => null,
    inputOf: videoInput,
    result: videoResultOf,
  }),
};

export function videoResultOf(deps: Deps, record: RequestRecord): VideoResult {
  const view = requestView(record, deps.fileUrls);
  return { ...commonResult(view), video_url: view.output_url ?? "", duration_seconds: view.duration_seconds };
}
