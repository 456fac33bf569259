/** Uploads of files, which fal's SDK makes of each Blob in an input. */
import { VisgateError } from "@visgate/shared/errors";
import type { Deps } from "../../deps.js";
import { answerJson } from "../../http/answer.js";
import type { Answer, Ctx, Handler } from "../../http/route.js";
import { MAX_FILE_BYTES, storeCallerFile } from "../../use-cases/caller-files.js";
import { initiateUpload as initiate, requireUpload } from "../signed-upload.js";
import { PREFIX } from "./names.js";

const FILES = "/storage/files";
export const UPLOAD_PATH = `${FILES}/{organization}/{id}`;
/** Of the whole URL, for uploads that take long. */
export const LONG_UPLOADS = `${PREFIX}${FILES}/`;

export function initiateUpload(deps: Deps, c: Ctx): Answer {
  const { uploadUrl, fileUrl } = initiate(deps, c, `${PREFIX}${FILES}`);
  return answerJson(c, { file_url: fileUrl, upload_url: uploadUrl });
}

/** The SDK sends files of more than 90 MB in parts. */
export function refuseLargeUpload(): never {
  throw new VisgateError("PAYLOAD_TOO_LARGE", "An upload of this API may have at most 90 MB; use an https URL.", {
    max_bytes: MAX_FILE_BYTES,
  });
}

export const putUpload =
  (deps: Deps): Handler =>
  async (c) => {
    const file = requireUpload(deps, c);
    await storeCallerFile(deps, { ...file, field: "file" }, c.req.raw.body ?? nothing());
    return answerJson(c, {});
  };

async function* nothing(): AsyncGenerator<Uint8Array> {}
