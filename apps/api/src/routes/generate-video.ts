/** POST /videos/generate: text or image to video. */
import { type GenerateVideoBody, generateVideoBody, type VideoResult, videoResult } from "@visgate/shared/contract";
import { type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { generationHandler, generationHeaders, generationResponses, WAITING } from "../http/generation.js";
import { videoInput } from "../http/generation-input.js";
import { commonResult } from "../http/results.js";
import { json, type Route } from "../http/route.js";

/** Room for an image of 5 MB in base64. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export const generateVideo: Route = {
  method: "post",
  path: "/videos/generate",
  auth: "key",
  docs: {
    summary: "Generate a video",
    description: `From a prompt, or from an image when image_url is given. ${WAITING}`,
    tags: ["Videos"],
    request: { headers: generationHeaders, body: { required: true, content: json(generateVideoBody) } },
    responses: generationResponses("The video is there.", videoResult),
  },
  handler: generationHandler<GenerateVideoBody, null>({
    bodySchema: generateVideoBody,
    maxBodyBytes: MAX_BODY_BYTES,
    readQuery: () => null,
    inputOf: videoInput,
    result: videoResultOf,
  }),
};

function videoResultOf(deps: Deps, record: RequestRecord): VideoResult {
  const view = requestView(record, deps.fileUrls);
  return { ...commonResult(view), video_url: view.output_url ?? "", duration_seconds: view.duration_seconds };
}
