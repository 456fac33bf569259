/** Serves an output under its signed URL, which the caller knows before the output exists. */
import { outputProgress } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import type { OutputRef } from "@visgate/shared/outputs";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { answerJson } from "../http/answer.js";
import { errorAnswer, failureError } from "../http/errors.js";
import { type Answer, type Ctx, json, type Route } from "../http/route.js";
import { NOT_CACHED, sendOutput } from "../http/send-output.js";
import { noLongerKept } from "../open-output.js";
import { FAILURES, failedDependency } from "../openapi/errors.js";
import { headers } from "../openapi/headers.js";
import { EXAMPLE_REQUEST_ID } from "../openapi/params.js";

const MEDIA = { "video/*": {}, "image/*": {} };
const FILE_HEADERS = headers("Accept-Ranges", "Content-Disposition", "Cache-Control");

const fileParams = z.object({
  organization: z.string().meta({ example: "default" }).describe("The organization of the request."),
  id: z.string().meta({ example: EXAMPLE_REQUEST_ID }).describe("The id of the request."),
  name: z.string().meta({ example: "0.mp4" }).describe("The index of the output, and an extension."),
});
const fileQuery = z.object({
  expires: z.string().meta({ example: "1893456000" }).describe("Seconds since 1970."),
  signature: z.string().meta({ example: "c2lnbmF0dXJl" }).describe("Made by this server."),
});

export const getFile: Route = {
  isForPages: true,
  docs: {
    operationId: "getFile",
    summary: "Download an output",
    description:
      "The signed URL comes from output_url, or from output_url_when_ready before the output exists. Both open the same " +
      "file; that of an image gets its extension with the output. Range requests work. For a request that failed, the answer is its failure.",
    tags: ["Files"],
    request: {
      params: fileParams,
      query: fileQuery,
    },
    errors: ["NOT_FOUND", ...FAILURES],
    responses: {
      200: { description: "The media.", headers: FILE_HEADERS, content: MEDIA },
      202: {
        description: "Not ready; ask again after Retry-After seconds.",
        headers: headers("Retry-After", "Cache-Control"),
        content: json(outputProgress),
      },
      206: {
        description: "A part of the media.",
        headers: { ...FILE_HEADERS, ...headers("Content-Range") },
        content: MEDIA,
      },
      302: { description: "The URL of the media, valid for some minutes.", headers: headers("Location") },
      416: { description: "The media has no such part.", headers: headers("Content-Range") },
      424: failedDependency,
    },
  },
  handler: (deps) => async (c) => {
    const wanted = outputOf(c);
    requireSignature(deps, c, wanted);
    c.set("requestId", wanted.id);
    const record = (await deps.store.requests.get(wanted))?.doc;
    if (record === undefined) throw noLongerKept();
    if (record.failure !== null) {
      const failure = failureError(record, deps.settings.unsettledSeconds);
      return errorAnswer(c, failure, deps.log, { extra: NOT_CACHED });
    }
    if (!isTerminal(record.status)) return answerProgress(c, record);
    return sendOutput(deps, c, record, wanted.index);
  },
};

/** The last part is the output's index and an optional extension. A bad index becomes NaN, which has no signature. */
function outputOf(c: Ctx): OutputRef {
  const param = (name: string) => c.req.param(name) ?? "";
  const index = /^(\d{1,4})(?:\.\w{1,8})?$/.exec(param("name"))?.[1];
  return { organization: param("organization"), id: param("id"), index: Number(index ?? Number.NaN) };
}

function requireSignature(deps: Deps, c: Ctx, wanted: OutputRef): void {
  const expires = Number(c.req.query("expires"));
  if (!deps.fileUrls.signatureMatches(wanted, expires, c.req.query("signature") ?? ""))
    throw new VisgateError("AUTHENTICATION_ERROR", "The signature of this file URL is wrong; use output_url as it is.");
  if (expires * 1000 < deps.clock.now()) throw noLongerKept();
}

function answerProgress(c: Ctx, record: RequestRecord): Answer {
  const { id, status, progress, queuePosition } = record;
  const body = { request_id: id, status, progress, queue_position: queuePosition };
  return answerJson(c, body, 202, { ...NOT_CACHED, "Retry-After": "2" });
}
