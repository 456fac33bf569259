/** Answers with an output of a request that has completed: its bytes, or where they are. */
import { extname } from "node:path";
import { Readable } from "node:stream";
import type { OpenedFile } from "@visgate/shared/outputs";
import type { Output, RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { noLongerKept, openOutput } from "../open-output.js";
import { answer } from "./answer.js";
import type { Answer, Ctx } from "./route.js";
import { sendFile } from "./send-file.js";

/** A caller caches the redirect for less time than the output store's own URL lives, so it never follows a dead one. */
const PRESIGNED_SECONDS = 900;
const REDIRECT_CACHE_SECONDS = 600;
export const NOT_CACHED = { "Cache-Control": "no-store" };

export async function sendOutput(deps: Deps, c: Ctx, record: RequestRecord, index: number): Promise<Answer> {
  const output = record.outputs[index];
  if (output === undefined) throw noLongerKept();
  if (output.kind === "remote") return redirect(c, output.url, NOT_CACHED);
  return sendStored(deps, c, output, `${record.id}-${index}${extname(output.key)}`);
}

const redirect = (c: Ctx, url: string, headers: Record<string, string>) =>
  answer(c, null, 302, { ...headers, Location: url });

type Stored = Pick<Extract<Output, { kind: "stored" }>, "key" | "contentType">;

/** The headers of a file that never changes. */
const fileHeaders = (contentType: string, filename: string) => ({
  "Content-Type": contentType,
  "Content-Disposition": `inline; filename="${filename}"`,
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "private, max-age=3600, immutable",
});

interface Named {
  contentType: string;
  filename: string;
}

/** A small file whose bytes are in a record. */
export const sendBytes = (c: Ctx, bytes: Buffer, { contentType, filename }: Named): Answer =>
  sendFile(c, openedBytes(bytes), fileHeaders(contentType, filename));

const openedBytes = (bytes: Buffer): OpenedFile => ({
  totalBytes: bytes.length,
  stream: ({ start, end } = { start: 0, end: bytes.length - 1 }) => Readable.from([bytes.subarray(start, end + 1)]),
});

/** A shared output is stored in the folder of another request. Only its key says where. */
export async function sendStored(deps: Deps, c: Ctx, { key, contentType }: Stored, filename: string) {
  const presigning = { expiresSeconds: PRESIGNED_SECONDS, contentType, filename, signedAt: deps.clock.now() };
  // A presigned URL is valid for GET only.
  const url = c.req.method === "HEAD" ? null : await deps.outputs.presign(key, presigning);
  if (url !== null) return redirect(c, url, { "Cache-Control": `private, max-age=${REDIRECT_CACHE_SECONDS}` });
  return sendFile(c, await openOutput(deps, key), fileHeaders(contentType, filename));
}
