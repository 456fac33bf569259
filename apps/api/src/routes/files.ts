/** GET /files/…: stored outputs by signed URL, in ranges if asked. */
import { Readable } from "node:stream";
import { VisgateError } from "@visgate/shared/domain/errors";
import type { OpenedFile } from "@visgate/shared/outputs/store";
import parseRange from "range-parser";
import { z } from "zod";
import type { Deps } from "../deps.js";
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
    c.header("Accept-Ranges", "bytes");
    c.header("Content-Type", CONTENT_TYPES[key.slice(key.lastIndexOf(".") + 1)] ?? "application/octet-stream");
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Cache-Control", "private, max-age=3600, immutable");
    return send(c, file);
  },
};

function requireSignature(deps: Deps, c: Ctx, key: string): void {
  const expires = Number(c.req.query("expires"));
  const matches = deps.secrets.fileSignatureMatches(key, expires, c.req.query("signature") ?? "");
  if (!matches)
    throw new VisgateError("AUTHENTICATION_ERROR", "The signature of this file URL is wrong; use output_url as it is.");
  if (expires * 1000 < deps.clock.now()) throw new VisgateError("NOT_FOUND", "This file is no longer kept.");
}

function send(c: Ctx, file: OpenedFile): Response {
  const { totalBytes } = file;
  const header = c.req.header("range");
  const ranges = header === undefined ? -2 : parseRange(totalBytes, header, { combine: true });
  if (ranges === -1) {
    c.header("Content-Range", `bytes */${totalBytes}`);
    return c.body(null, 416);
  }
  const range = ranges === -2 || ranges.length !== 1 ? undefined : ranges[0];
  c.header("Content-Length", String(range === undefined ? totalBytes : range.end - range.start + 1));
  if (range !== undefined) c.header("Content-Range", `bytes ${range.start}-${range.end}/${totalBytes}`);
  const status = range === undefined ? 200 : 206;
  if (c.req.method === "HEAD") return c.body(null, status);
  return c.body(Readable.toWeb(file.stream(range)) as ReadableStream, status);
}
