/** Generates one or more images from a prompt. */
import {
  type GenerateImageBody,
  generateImageBody,
  type ImageResult,
  imageResult,
  imagesQuery,
} from "@visgate/shared/contract";
import { type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { readQuery } from "../http/query.js";
import { type Ctx, json, type Route } from "../http/route.js";
import {
  commonResult,
  GENERATION_ERRORS,
  generationHandler,
  generationHeaders,
  generationResponses,
  WAITING,
} from "./generation.js";
import { imageInput } from "./generation-input.js";

const MAX_BODY_BYTES = 64 * 1024;

const EXAMPLE = {
  model: "fal-ai/flux/schnell",
  prompt: "A paper boat on a quiet lake, morning fog",
  width: 1024,
  height: 1024,
  num_images: 1,
  seed: 7,
};

export const generateImages: Route = {
  docs: {
    operationId: "generateImages",
    summary: "Generate images",
    description: WAITING,
    tags: ["Images"],
    request: {
      headers: generationHeaders,
      query: imagesQuery,
      body: { required: true, content: json(generateImageBody, EXAMPLE) },
    },
    errors: GENERATION_ERRORS,
    responses: generationResponses("The images are ready.", imageResult),
  },
  handler: generationHandler<GenerateImageBody, boolean>({
    bodySchema: generateImageBody,
    maxBodyBytes: MAX_BODY_BYTES,
    readQuery: (c: Ctx) => readQuery(c, imagesQuery).include_steps === "true",
    inputOf: imageInput,
    result: imageResultOf,
  }),
};

export function imageResultOf(deps: Deps, record: RequestRecord, includeSteps: boolean): ImageResult {
  const view = requestView(record, deps.fileUrls);
  const [first] = record.outputs;
  return {
    ...commonResult(view),
    images: view.output_urls,
    output_storage: view.output_url === null ? null : new URL(view.output_url).host,
    output_size_bytes: first?.kind === "stored" ? first.bytes : null,
    ...(includeSteps ? { steps: stepsOf(record) } : {}),
  };
}

/** How long each part took. An output that another request made counts only the time of waiting for it. */
function stepsOf(record: RequestRecord): NonNullable<ImageResult["steps"]> {
  const { createdAt, cache } = record;
  const completedAt = record.completedAt ?? createdAt;
  const cachedAt = cache.sharedFrom === null ? createdAt : completedAt;
  const renderedAt = record.rendered?.at ?? cachedAt;
  return [
    { name: "cache", ms: cachedAt - createdAt },
    { name: "provider", ms: renderedAt - cachedAt },
    { name: "storage", ms: completedAt - renderedAt },
  ];
}
