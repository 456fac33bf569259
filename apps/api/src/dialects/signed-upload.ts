/**
 * Uploads in two steps, as the SDKs of some providers make them: a call with an API key gets two signed URLs, one to send
 * the file to without a key, and one to name it by. The second one is that of any uploaded file (use-cases/caller-files.ts).
 */
import { VisgateError } from "@visgate/shared/errors";
import type { RequestRef } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import type { Ctx } from "../http/route.js";

/** How long a file may be sent to its URL. */
const UPLOAD_SECONDS = 3600;

const signedText = ({ organization, id }: RequestRef) => `uploads/put/${organization}/${id}`;

/** `path`: where the file is sent to, before its organization and id. */
export function initiateUpload(deps: Deps, c: Ctx, path: string): { uploadUrl: string; fileUrl: string } {
  const file: RequestRef = { organization: c.get("apiKey").organization, id: deps.newRequestId() };
  const createdAt = deps.clock.now();
  const expires = Math.ceil(createdAt / 1000) + UPLOAD_SECONDS;
  const signature = deps.secrets.signFile(signedText(file), expires);
  return {
    uploadUrl: `${deps.settings.publicBase}${path}/${file.organization}/${file.id}?expires=${expires}&signature=${signature}`,
    fileUrl: deps.fileUrls.callerFileUrl({ ...file, createdAt }, ""),
  };
}

/** What the path and the query of an upload name. @throws VisgateError AUTHENTICATION_ERROR, NOT_FOUND */
export function requireUpload(deps: Deps, c: Ctx): RequestRef {
  const file = { organization: c.req.param("organization") ?? "", id: c.req.param("id") ?? "" };
  const [expires, signature] = [Number(c.req.query("expires")), c.req.query("signature") ?? ""];
  if (!deps.secrets.fileSignatureMatches(signedText(file), expires, signature))
    throw new VisgateError("AUTHENTICATION_ERROR", "The signature of this upload URL is wrong; use it as it is.");
  if (expires * 1000 >= deps.clock.now()) return file;
  throw new VisgateError("NOT_FOUND", "This upload URL is no longer valid; ask for a new one.");
}
