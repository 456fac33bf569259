/** Downloads a finished video. It is already paid for, so a failed download is tried again, and its URL is shown. */
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { CliError } from "../errors/failure.js";
import type { Io } from "../screen/io.js";
import { type Destination, writeTo } from "./destination.js";

const MAX_TRIES = 4;
const FIRST_PAUSE_MS = 500;

/** @throws CliError OUTPUT_NOT_SAVED; its message has the URL */
export async function download(io: Io, url: string, destination: Destination, signal: AbortSignal): Promise<void> {
  // Bytes that were written to a pipe cannot be taken back, so only a file gets a second try.
  const maxTries = destination.kind === "file" ? MAX_TRIES : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const suffix = io.randomBytes(4).toString("hex");
      return await writeTo(destination, await openVideo(io, url, signal), { stdout: io.stdout, suffix, signal });
    } catch (error) {
      if (signal.aborted || attempt === maxTries || !isRetryable(error)) throw notSaved(url, error);
      await io.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal).catch(() => {});
    }
  }
}

class HttpError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

async function openVideo({ fetch }: Io, url: string, signal: AbortSignal): Promise<Readable> {
  const response = await fetch(url, { signal });
  if (response.status === 200 && response.body !== null && isMedia(response))
    return Readable.fromWeb(response.body as ReadableStream);
  await response.body?.cancel();
  throw response.status === 200 ? new Error("the URL did not return a video") : new HttpError(response.status);
}

/** A proxy may answer 200 with a page of its own, which must not be saved over an earlier video. */
function isMedia({ headers }: Response): boolean {
  return !/^(text\/|application\/(json|xml|xhtml))/.test(headers.get("content-type") ?? "");
}

/** A broken connection or a busy server. A full disk or a refused URL would fail again. */
function isRetryable(error: unknown): boolean {
  if (error instanceof HttpError) return error.status >= 500 || error.status === 429 || error.status === 202;
  return error instanceof TypeError;
}

function notSaved(url: string, error: unknown): CliError {
  const { cause, code, name, message } = error as Partial<NodeJS.ErrnoException> & { cause?: { code?: string } };
  // The code of a DOMException is a number, which says nothing to a reader.
  const known = cause?.code ?? (typeof code === "string" ? code : undefined);
  const why = name === "AbortError" ? "interrupted" : (known ?? message ?? "failed");
  return new CliError("OUTPUT_NOT_SAVED", `The video was made, but it was not saved (${why}). Its URL is ${url}`);
}
