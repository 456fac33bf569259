/** Answers with a stored file: all of it, or the part that Range asks for. */
import { Readable } from "node:stream";
import type { OpenedFile } from "@visgate/shared/outputs";
import parseRange from "range-parser";
import { answer } from "./answer.js";
import { hasVersion, isForVersion } from "./etag.js";
import type { Answer, Ctx } from "./route.js";

/** The version of the file is in `ETag`. */
export type FileHeaders = Record<string, string> & { ETag: string };

/** Several ranges are answered with the whole file, as HTTP allows. Range is defined for GET only (RFC 9110, 14.2). */
export function sendFile(c: Ctx, file: OpenedFile, others: FileHeaders): Answer {
  const { totalBytes } = file;
  const headers = { ...others, "Accept-Ranges": "bytes" };
  if (hasVersion(c, others.ETag)) return answer(c, null, 304, headers);
  const isHead = c.req.method === "HEAD";
  const mayBePart = !isHead && isForVersion(c, others.ETag);
  const ranges = mayBePart ? rangesOf(totalBytes, c.req.header("range")) : undefined;
  if (ranges === -1) return answer(c, null, 416, { ...headers, "Content-Range": `bytes */${totalBytes}` });
  const range = Array.isArray(ranges) && ranges.length === 1 ? ranges[0] : undefined;
  const body = isHead ? null : (Readable.toWeb(file.stream(range)) as ReadableStream);
  if (range === undefined) return answer(c, body, 200, { ...headers, "Content-Length": String(totalBytes) });
  return answer(c, body, 206, {
    ...headers,
    "Content-Length": String(range.end - range.start + 1),
    "Content-Range": `bytes ${range.start}-${range.end}/${totalBytes}`,
  });
}

/** range-parser takes any unit, and refuses a suffix longer than the file, where HTTP means the whole file. */
function rangesOf(totalBytes: number, header: string | undefined) {
  if (header === undefined || !/^bytes=/i.test(header)) return undefined;
  const suffix = /^bytes=-(\d+)$/i.exec(header)?.[1];
  const wanted = suffix !== undefined && Number(suffix) > totalBytes ? "bytes=0-" : header;
  return parseRange(totalBytes, wanted, { combine: true });
}
