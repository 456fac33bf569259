/** Files of Replicate's API. They are not listed, because nothing but the files themselves says which there are. */
import { VisgateError } from "@visgate/shared/errors";
import type { RequestRef } from "@visgate/shared/request";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../../deps.js";
import { answer, answerJson } from "../../http/answer.js";
import { readFormFile } from "../../http/form-file.js";
import type { Ctx, Handler } from "../../http/route.js";
import {
  type CallerFile,
  describeCallerFile,
  MAX_FILE_BYTES,
  removeCallerFile,
  storeCallerFile,
} from "../../use-cases/caller-files.js";

/** `content`: the file; its metadata is not kept. */
export const createFile =
  (deps: Deps): Handler =>
  async (c) => {
    const ref = { organization: c.get("apiKey").organization, id: deps.newRequestId() };
    const form = { field: "content", maxBytes: MAX_FILE_BYTES, ignored: ["metadata", "filename", "type"] };
    const file = await readFormFile(c, form, (content) =>
      storeCallerFile(deps, { ...ref, field: form.field }, content),
    );
    return answerJson(c, viewOf(deps, ref, file), 201);
  };

export const getFile =
  (deps: Deps): Handler =>
  async (c) => {
    const { ref, file } = await requireFile(deps, c);
    return answerJson(c, viewOf(deps, ref, file));
  };

export const deleteFile =
  (deps: Deps): Handler =>
  async (c) => {
    const { ref } = await requireFile(deps, c);
    await removeCallerFile(deps, ref);
    return answer(c, null, 204, {});
  };

/** @throws VisgateError NOT_FOUND */
async function requireFile(deps: Deps, c: Ctx): Promise<{ ref: RequestRef; file: CallerFile }> {
  const ref = { organization: c.get("apiKey").organization, id: c.req.param("id") ?? "" };
  const file = await describeCallerFile(deps, ref);
  if (file === null) throw new VisgateError("NOT_FOUND", "There is no such file, or it is no longer kept.");
  return { ref, file };
}

function viewOf({ fileUrls }: Deps, ref: RequestRef, { contentType, extension, bytes, sha256, createdAt }: CallerFile) {
  return {
    ...{ id: ref.id, name: `${ref.id}.${extension}`, content_type: contentType, size: bytes, metadata: {} },
    ...{ etag: sha256, checksums: { sha256 }, created_at: isoTime(createdAt) },
    expires_at: isoTime(fileUrls.expiryOf(createdAt) * 1000),
    urls: { get: fileUrls.callerFileUrl({ ...ref, createdAt }, extension) },
  };
}
