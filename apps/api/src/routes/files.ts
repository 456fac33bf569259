/** GET /files/…: stored outputs by signed URL, in ranges if asked. */
import { Readable } from "node:stream";
import { VisgateError } from "@visgate/shared/domain/errors";
import type { OpenedFile } from "@visgate/shared/outputs/store";
import parseRange from "range-parser";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { answer } from "../http/answer.js";
import type { Ctx, Route } from "../http/route.js";

const CONTENT_TYPES: Record<string, string> = {
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime",
  gif: "image/gif",
  jpg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
};

export const getFile: Route = {
  method: "get",
  path: "/files/{key…}",
  auth: "none",
  docs: {
    summary: "Download an output",
    description: "The URL comes from output_url and is signed; Range requests work.",
    tags: ["Files"],
    request: {
      params: z.object({ key: z.string() }),
      query: z.object({ expires: z.string(), signature: z.string() }),
    },
    responses: {
      200: { description: "The media." },
      206: { description: "A part of it." },
      416: { description: "No such part." },
    },
  },
  handler: (deps) => async (c) => {
    const key = c.req.param("key") ?? "";
    requireSignature(deps, c, key);
    const file = await deps.outputs.open(key);
    if (file === null) throw new VisgateError("NOT_FOUND", "This file is no longer kept.");
    return send(c, file, {
      "Accept-Ranges": "bytes",
      "Content-Type": CONTENT_TYPES[key.slice(key.lastIndexOf(".") + 1)] ?? "application/octet-stream",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "private, max-age=3600, immutable",
    });
  },
};

function requireSignature(deps: Deps, c: Ctx, key: string): void {
  const expires = Number(c.req.query("expires"));
  const matches = deps.secrets.fileSignatureMatches(key, expires, c.req.query("signature") ?? "");
  if (!matches)
    throw new VisgateError("AUTHENTICATION_ERROR", "The signature of this file URL is wrong; use output_url as it is.");
  if (expires * 1000 < deps.clock.now()) throw new VisgateError("NOT_FOUND", "This file is no longer kept.");
}

/** Several ranges at once are answered with the whole file, as HTTP allows. */
function send(c: Ctx, file: OpenedFile, headers: Record<string, string>): Response {
  const { totalBytes } = file;
  const ranges = rangesOf(totalBytes, c.req.header("range"));
  if (ranges === -1) return answer(c, null, 416, { ...headers, "Content-Range": `bytes */${totalBytes}` });
  const range = Array.isArray(ranges) && ranges.length === 1 ? ranges[0] : undefined;
  const body = c.req.method === "HEAD" ? null : (Readable.toWeb(file.stream(range)) as ReadableStream);
  if (range === undefined) return answer(c, body, 200, { ...headers, "Content-Length": String(totalBytes) });
  return answer(c, body, 206, {
    ...headers,
    "Content-Length": String(range.end - range.start + 1),
    "Content-Range": `bytes ${range.start}-${range.end}/${totalBytes}`,
  });
}

/** range-parser takes any unit, and refuses a suffix longer than the file where HTTP means the whole of it. */
function rangesOf(totalBytes: number, header: string | undefined) {
  if (header === undefined || !/^bytes=/i.test(header)) return undefined;
  const suffix = /^bytes=-(\d+)$/i.exec(header)?.[1];
  const wanted = suffix !== undefined && Number(suffix) > totalBytes ? "bytes=0-" : header;
  return parseRange(totalBytes, wanted, { combine: true });
}
