/**
 * Serves an output, its poster, an input or an uploaded file under its signed URL. That of an output is known before the
 * output exists.
 */
import { extname } from "node:path";
import { outputProgress } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import { type FileRef, type InputName, indexIn, isInputName } from "@visgate/shared/outputs";
import { isTerminal, type RequestRecord, type RequestRef } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { answerJson } from "../http/answer.js";
import { errorAnswer, failureError } from "../http/errors.js";
import { type Answer, type Ctx, json, type Route } from "../http/route.js";
import { NOT_CACHED, sendBytes, sendOutput, sendPoster, sendStored } from "../http/send-output.js";
import { noLongerKept, notReadable } from "../open-output.js";
import { FAILURES, failedDependency } from "../openapi/errors.js";
import { headers } from "../openapi/headers.js";
import { EXAMPLE_REQUEST_ID } from "../openapi/params.js";
import { openCallerFile } from "../use-cases/caller-files.js";
import { inlineFile, inputNamed } from "../use-cases/input-file.js";

const MEDIA = { "video/*": {}, "image/*": {} };
const FILE_HEADERS = headers("Accept-Ranges", "Content-Disposition", "Cache-Control", "ETag");

const fileParams = z.object({
  organization: z.string().meta({ example: "default" }).describe("The organization of the request."),
  id: z.string().meta({ example: EXAMPLE_REQUEST_ID }).describe("The id of the request, or of the uploaded file."),
  name: z
    .string()
    .meta({ example: "0.mp4" })
    .describe(
      "The index of the output, `poster`, `in-0` and so on for an input, or `file` for an uploaded file; and an extension.",
    ),
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
      "Open the URL from output_url, poster_url, input or POST /files. output_url_when_ready is known at submit: it " +
      "answers 202 until the output exists, then the same file. Range requests work. For a request that failed, the " +
      "answer is its failure.",
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
      302: {
        description:
          "The URL of the media in the operator's bucket: valid for as long as this URL, but 7 days at most.",
        headers: headers("Location", "Cache-Control"),
      },
      304: { description: "The media is the one with this ETag.", headers: headers("ETag", "Cache-Control") },
      416: { description: "The media has no such part.", headers: headers("Content-Range") },
      424: failedDependency,
    },
  },
  handler: (deps) => async (c) => {
    const wanted = fileOf(c);
    const expires = requireSignature(deps, c, wanted);
    const { index } = wanted;
    if (index === "file") return sendCallerFile(deps, c, { ...wanted, expires });
    c.set("requestId", wanted.id);
    const record = (await deps.store.requests.get(wanted))?.doc;
    if (record === undefined) throw noLongerKept();
    if (isInputName(index)) return sendInput(deps, c, { record, input: index, expires });
    if (record.failure !== null) {
      const failure = failureError(record, deps.settings.unsettledSeconds);
      return errorAnswer(c, failure, deps.log, { extra: NOT_CACHED });
    }
    if (!isTerminal(record.status)) return answerProgress(c, record);
    return index === "poster"
      ? sendPoster(deps, c, { record, expires })
      : sendOutput(deps, c, { record, index, expires });
  },
};

/** A bad index becomes NaN, which has no signature. */
function fileOf(c: Ctx): FileRef {
  const param = (name: string) => c.req.param(name) ?? "";
  return { organization: param("organization"), id: param("id"), index: indexIn(param("name")) } as FileRef;
}

interface WantedInput {
  record: RequestRecord;
  input: InputName;
  expires: number;
}

/** An input that the caller gave as a URL is not kept here. */
async function sendInput(deps: Deps, c: Ctx, { record, input, expires }: WantedInput): Promise<Answer> {
  const source = inputNamed(record.input, input);
  if (source === undefined || source.kind === "url") throw noLongerKept();
  const version = `${record.id}-${input}`;
  if (source.kind === "stored") {
    return sendStored(deps, c, { ...source, version, expires, filename: version + extname(source.key) });
  }
  const { contentType, bytes } = inlineFile(source.dataUri);
  return sendBytes(c, bytes, { version, contentType, filename: `${version}.${contentType.split("/")[1] ?? "bin"}` });
}

async function sendCallerFile(deps: Deps, c: Ctx, ref: RequestRef & { expires: number }): Promise<Answer> {
  const found = await openCallerFile(deps, ref).catch((error) => {
    deps.log.error({ err: error }, "an uploaded file could not be opened");
    throw notReadable();
  });
  if (found === null) throw noLongerKept();
  return sendStored(deps, c, {
    ...found,
    version: found.sha256,
    expires: ref.expires,
    filename: `${ref.id}.${found.extension}`,
  });
}

/** Returns when the URL expires, in seconds since the epoch. */
function requireSignature(deps: Deps, c: Ctx, wanted: FileRef): number {
  const expires = Number(c.req.query("expires"));
  if (!deps.fileUrls.signatureMatches(wanted, expires, c.req.query("signature") ?? ""))
    throw new VisgateError(
      "AUTHENTICATION_ERROR",
      "The signature of this file URL is wrong; use it as it was answered.",
    );
  if (expires * 1000 < deps.clock.now()) throw noLongerKept();
  return expires;
}

function answerProgress(c: Ctx, record: RequestRecord): Answer {
  const { id, status, progress, queuePosition } = record;
  const body = { request_id: id, status, progress, queue_position: queuePosition };
  return answerJson(c, body, 202, { ...NOT_CACHED, "Retry-After": "2" });
}
