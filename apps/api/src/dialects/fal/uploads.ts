/**
 * Uploads of images, which fal's SDK makes of each Blob in an input. The caller gets two signed URLs, one to send the file
 * to and one to name it by. A submit with the second one gets the bytes, so it is as if they came in a data: URI, with the
 * same limits. Files are removed after about an hour: a request has its own copy.
 */
import { invalid, VisgateError } from "@visgate/shared/errors";
import { checkMedia, encodeDataUri, IMAGE_TYPES, type OpenedFile, sniff, uploadKey } from "@visgate/shared/outputs";
import { parseUrl } from "@visgate/shared/parse-url";
import type { RequestRef } from "@visgate/shared/request";
import type { Deps } from "../../deps.js";
import { answerJson } from "../../http/answer.js";
import { readBytes } from "../../http/body.js";
import type { Answer, Ctx, Handler } from "../../http/route.js";
import { sendFile } from "../../http/send-file.js";
import { MAX_DATA_BYTES as MAX_IMAGE_BYTES, storeFile } from "../../use-cases/prepare-inputs.js";
import { PREFIX } from "./names.js";

/** The worker removes older ones (`OutputStore.removeLeftovers`). */
const UPLOAD_SECONDS = 3600;
const FILES = "/storage/files";

export const UPLOAD_PATH = `${FILES}/{organization}/{id}`;
const FILE_PATH = new RegExp(`${PREFIX}${FILES}/([^/]+)/([^/]+)$`);

/** A URL to read with does not allow to write: it may be given to a provider. */
type Use = "put" | "get";

const signedText = (use: Use, { organization, id }: RequestRef) => `uploads/${use}/${organization}/${id}`;

export function initiateUpload(deps: Deps, c: Ctx): Answer {
  const file: RequestRef = { organization: c.get("apiKey").organization, id: deps.newRequestId() };
  const expires = Math.ceil(deps.clock.now() / 1000) + UPLOAD_SECONDS;
  const urlFor = (use: Use) => {
    const signature = deps.secrets.signFile(signedText(use, file), expires);
    const path = `${PREFIX}${FILES}/${file.organization}/${file.id}`;
    return `${deps.settings.publicBase}${path}?expires=${expires}&signature=${signature}`;
  };
  return answerJson(c, { file_url: urlFor("get"), upload_url: urlFor("put") });
}

/** The SDK sends files of more than 90 MB in parts. */
export function refuseLargeUpload(): never {
  throw new VisgateError("PAYLOAD_TOO_LARGE", "An upload may have at most 5 MB; use an https URL.", {
    max_bytes: MAX_IMAGE_BYTES,
  });
}

export const putUpload =
  (deps: Deps): Handler =>
  async (c) => {
    const file = requireFile(deps, c, "put");
    const bytes = await readBytes(c, MAX_IMAGE_BYTES);
    const { fault } = await checkMedia(bytes, "image");
    if (fault !== null) throw invalid("file", `The file ${fault}.`, IMAGE_TYPES);
    await storeFile(deps, uploadKey(file.id), bytes);
    return answerJson(c, {});
  };

/** For providers that fetch a further image by its URL. */
export const getUpload =
  (deps: Deps): Handler =>
  async (c) => {
    const { id } = requireFile(deps, c, "get");
    const file = await deps.outputs.open(uploadKey(id));
    if (file === null) throw noLongerKept();
    const contentType = (await sniff(await bytesOf(file)))?.contentType ?? "application/octet-stream";
    return sendFile(c, file, { "Content-Type": contentType, "X-Content-Type-Options": "nosniff" });
  };

const noLongerKept = () => new VisgateError("NOT_FOUND", "This file is no longer kept; upload it again.");

/** What the path and the query name, if their signature is right. @throws VisgateError AUTHENTICATION_ERROR, NOT_FOUND */
function requireFile(deps: Deps, c: Ctx, use: Use): RequestRef {
  const file = { organization: c.req.param("organization") ?? "", id: c.req.param("id") ?? "" };
  const signed = { expires: Number(c.req.query("expires")), signature: c.req.query("signature") ?? "" };
  if (!deps.secrets.fileSignatureMatches(signedText(use, file), signed.expires, signed.signature))
    throw new VisgateError("AUTHENTICATION_ERROR", "The signature of this upload URL is wrong; use it as it is.");
  if (signed.expires * 1000 < deps.clock.now()) throw noLongerKept();
  return file;
}

/** An upload of the caller's organization as a data: URI. Any other text stays as it is. */
export async function readUpload(deps: Deps, c: Ctx, text: string): Promise<string> {
  const url = /^https?:/i.test(text) ? parseUrl(text) : null;
  const [, organization = "", id = ""] = FILE_PATH.exec(url?.pathname ?? "") ?? [];
  if (url === null || organization !== c.get("apiKey").organization) return text;
  const expires = Number(url.searchParams.get("expires"));
  const signature = url.searchParams.get("signature") ?? "";
  if (!deps.secrets.fileSignatureMatches(signedText("get", { organization, id }), expires, signature)) return text;
  const file = expires * 1000 < deps.clock.now() ? null : await deps.outputs.open(uploadKey(id));
  if (file === null) throw invalid("image_url", "image_url is a file that is not kept; upload it again.", "file_url");
  // What the bytes are is decided by the bytes.
  return encodeDataUri("application/octet-stream", await bytesOf(file));
}

async function bytesOf(file: OpenedFile): Promise<Buffer> {
  return Buffer.concat(await file.stream().toArray());
}
