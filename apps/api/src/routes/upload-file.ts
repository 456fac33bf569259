/** Takes a file that later calls name as an input. */

import { uploadedFile } from "@visgate/shared/contract";
import type { RequestRef } from "@visgate/shared/request";
import { isoTime } from "@visgate/shared/units";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { answerJson } from "../http/answer.js";
import { readFormFile } from "../http/form-file.js";
import { json, type Route } from "../http/route.js";
import { type CallerFile, MAX_FILE_BYTES, storeCallerFile } from "../use-cases/caller-files.js";

const FIELD = "file";

const body = z.strictObject({
  file: z
    .string()
    .meta({ format: "binary" })
    .describe("An image, a video or a sound of at most 100 MB (images: 32 MB)."),
});

export const uploadFile: Route = {
  docs: {
    operationId: "uploadFile",
    summary: "Upload a file",
    description:
      "A file that inputs of later calls name by its url: image_url, image_urls, video_url or audio_url. Its bytes decide " +
      "its type. An image that no provider takes as it is, as HEIC, is converted to JPEG or PNG.",
    tags: ["Files"],
    request: { body: { required: true, content: { "multipart/form-data": { schema: body } } } },
    errors: ["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR", "UNAVAILABLE"],
    responses: { 201: { description: "The file is kept until expires_at.", content: json(uploadedFile) } },
  },
  handler: (deps) => async (c) => {
    const ref = { organization: c.get("apiKey").organization, id: deps.newRequestId() };
    const file = await readFormFile(c, { field: FIELD, maxBytes: MAX_FILE_BYTES }, (content) =>
      storeCallerFile(deps, { ...ref, field: FIELD }, content),
    );
    return answerJson(c, viewOf(deps, ref, file), 201);
  },
};

function viewOf({ fileUrls }: Deps, ref: RequestRef, { contentType, extension, bytes, createdAt }: CallerFile) {
  return {
    id: ref.id,
    url: fileUrls.callerFileUrl({ ...ref, createdAt }, extension),
    content_type: contentType,
    bytes,
    created_at: isoTime(createdAt),
    expires_at: isoTime(fileUrls.expiryOf(createdAt) * 1000),
  };
}
