/** GET /files/…: an output by its signed URL, which is known before the output is there. */
import { extname } from "node:path";
import { outputProgress } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import type { OutputRef } from "@visgate/shared/outputs";
import { isTerminal, type Output, type RequestRecord } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { answer, answerJson } from "../http/answer.js";
import { errorAnswer, failureError } from "../http/errors.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { sendFile } from "../http/send-file.js";

/** Of a URL of the store's own; a caller keeps the way to it for less, so that it never follows one that has expired. */
const PRESIGNED_SECONDS = 900;
const REDIRECT_CACHE_SECONDS = 600;
const NOT_CACHED = { "Cache-Control": "no-store" };

export const getFile: Route = {
  method: "get",
  path: "/files/{organization}/{id}/{name}",
  auth: "none",
  docs: {
    summary: "Download an output",
    description:
      "The URL comes from output_url, or before the output is there from output_url_when_ready, and is signed; it is " +
      "the same from the start to the end. Range requests work. Of a request that failed it answers the failure.",
    tags: ["Files"],
    request: {
      params: z.object({ organization: z.string(), id: z.string(), name: z.string() }),
      query: z.object({ expires: z.string(), signature: z.string() }),
    },
    responses: {
      200: { description: "The media." },
      202: { description: "Not there yet; ask again after Retry-After seconds.", content: json(outputProgress) },
      206: { description: "A part of it." },
      302: { description: "Where the media is, for some minutes." },
      416: { description: "No such part." },
    },
  },
  handler: (deps) => async (c) => {
    const wanted = outputOf(c);
    requireSignature(deps, c, wanted);
    c.set("requestId", wanted.id);
    const record = (await deps.store.requests.get(wanted))?.doc;
    if (record === undefined) throw gone();
    if (record.failure !== null) {
      const failure = failureError(record, deps.settings.unsettledSeconds);
      return errorAnswer(c, failure, deps.log, NOT_CACHED);
    }
    if (!isTerminal(record.status)) return answerProgress(c, record);
    const output = record.outputs[wanted.index];
    if (output === undefined) throw gone();
    if (output.kind === "remote") return redirect(c, output.url, NOT_CACHED);
    return handOut(deps, c, output, `${record.id}-${wanted.index}${extname(output.key)}`);
  },
};

/** The last part is the index; an extension after it is for the eye. A wrong one is NaN, which nobody has signed. */
function outputOf(c: Ctx): OutputRef {
  const param = (name: string) => c.req.param(name) ?? "";
  const index = /^(\d{1,4})(?:\.\w{1,8})?$/.exec(param("name"))?.[1];
  return { organization: param("organization"), id: param("id"), index: Number(index ?? Number.NaN) };
}

function requireSignature(deps: Deps, c: Ctx, wanted: OutputRef): void {
  const expires = Number(c.req.query("expires"));
  if (!deps.fileUrls.signatureMatches(wanted, expires, c.req.query("signature") ?? ""))
    throw new VisgateError("AUTHENTICATION_ERROR", "The signature of this file URL is wrong; use output_url as it is.");
  if (expires * 1000 < deps.clock.now()) throw gone();
}

const gone = () => new VisgateError("NOT_FOUND", "This file is no longer kept.");

function answerProgress(c: Ctx, record: RequestRecord): Response {
  const { id, status, progress, queuePosition } = record;
  const body = { request_id: id, status, progress, queue_position: queuePosition };
  return answerJson(c, body, 202, { ...NOT_CACHED, "Retry-After": "2" });
}

const redirect = (c: Ctx, url: string, headers: Record<string, string>) =>
  answer(c, null, 302, { ...headers, Location: url });

/** The output may lie in the folder of another request, whose result this one shares: its key alone says where. */
async function handOut(deps: Deps, c: Ctx, output: Extract<Output, { kind: "stored" }>, filename: string) {
  const { key, contentType } = output;
  const presigning = { expiresSeconds: PRESIGNED_SECONDS, contentType, filename };
  // The store signs for GET alone.
  const url = c.req.method === "HEAD" ? null : await deps.outputs.presign(key, presigning);
  if (url !== null) return redirect(c, url, { "Cache-Control": `private, max-age=${REDIRECT_CACHE_SECONDS}` });
  const file = await deps.outputs.open(key);
  if (file === null) throw gone();
  return sendFile(c, file, {
    "Content-Type": contentType,
    "Content-Disposition": `inline; filename="${filename}"`,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600, immutable",
  });
}
