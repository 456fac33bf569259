/** Answers with an output of a request that has completed: its bytes, or where they are. */
import { extname } from "node:path";
import { Readable } from "node:stream";
import type { OpenedFile } from "@visgate/shared/outputs";
import type { RequestRecord, StoredOutput } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { noLongerKept, openOutput, posterFile } from "../open-output.js";
import { answer } from "./answer.js";
import type { Answer, Ctx } from "./route.js";
import { sendFile } from "./send-file.js";

const MAX_REDIRECT_CACHE_SECONDS = 600;
export const NOT_CACHED = { "Cache-Control": "no-store" };

export interface WantedOutput {
  record: RequestRecord;
  index: number;
  /** Of the file URL, in seconds since the epoch. */
  expires: number;
}

export async function sendOutput(deps: Deps, c: Ctx, { record, index, expires }: WantedOutput): Promise<Answer> {
  const output = record.outputs[index];
  if (output === undefined) throw noLongerKept();
  if (output.kind === "remote") return redirect(c, output.url, NOT_CACHED);
  const filename = `${record.id}-${index}${extname(output.key)}`;
  return sendStored(deps, c, { ...output, version: output.sha256, expires, filename });
}

export async function sendPoster(
  deps: Deps,
  c: Ctx,
  { record, expires }: Omit<WantedOutput, "index">,
): Promise<Answer> {
  const poster = posterFile(record);
  if (poster === null) throw noLongerKept();
  return sendStored(deps, c, { ...poster, version: poster.sha256, filename: `${record.id}-poster.jpg`, expires });
}

const redirect = (c: Ctx, url: string, headers: Record<string, string>) =>
  answer(c, null, 302, { ...headers, Location: url });

type Kept = Pick<StoredOutput, "key" | "contentType">;

export interface WantedFile extends Kept, Pick<WantedOutput, "expires"> {
  filename: string;
  /** Tells the file from every other one at its URL. */
  version: string;
}

/** The headers of a file that never changes. */
const fileHeaders = ({ contentType, filename, version }: Named) => ({
  ETag: `"${version}"`,
  "Content-Type": contentType,
  "Content-Disposition": `inline; filename="${filename}"`,
  "X-Content-Type-Options": "nosniff",
  // Opened as a page, a file can run nothing, whatever is in it.
  "Content-Security-Policy": "sandbox",
  "Cache-Control": "private, max-age=3600, immutable",
});

type Named = Pick<WantedFile, "contentType" | "filename" | "version">;

/** A small file whose bytes are in a record. */
export const sendBytes = (c: Ctx, bytes: Buffer, named: Named): Answer =>
  sendFile(c, openedBytes(bytes), fileHeaders(named));

const openedBytes = (bytes: Buffer): OpenedFile => ({
  totalBytes: bytes.length,
  stream: ({ start, end } = { start: 0, end: bytes.length - 1 }) => Readable.from([bytes.subarray(start, end + 1)]),
});

/** A shared output is stored in the folder of another request. Only its key says where. */
export async function sendStored(deps: Deps, c: Ctx, { key, contentType, version, filename, expires }: WantedFile) {
  const signedAt = deps.clock.now();
  const expiresSeconds = presignedSeconds(deps, Math.floor(expires - signedAt / 1000));
  // A presigned URL is valid for GET only.
  const isHead = c.req.method === "HEAD";
  const url = isHead ? null : await deps.outputs.presign(key, { expiresSeconds, contentType, filename, signedAt });
  if (url !== null) return redirect(c, url, { "Cache-Control": `private, max-age=${cacheSeconds(expiresSeconds)}` });
  return sendFile(c, await openOutput(deps, key), fileHeaders({ contentType, filename, version }));
}

/**
 * A player keeps the presigned URL and seeks on it, so it is valid for as long as the file URL is and S3 allows.
 * `left`: for how many seconds the file URL is still valid.
 */
const presignedSeconds = ({ settings }: Deps, left: number): number =>
  Math.max(1, Math.min(settings.s3UrlSeconds, left));

/** A caller caches the redirect for less time than the presigned URL is valid, so it never follows a dead one. */
const cacheSeconds = (expiresSeconds: number): number =>
  Math.min(MAX_REDIRECT_CACHE_SECONDS, Math.floor(expiresSeconds / 2));
