/** Fetches a finished video. It is paid for by now, so a cut connection is mended and its address is never kept back. */
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { CliError } from "../errors/failure.js";
import type { Io } from "../screen/io.js";
import { type Target, writeTo } from "./target.js";

const TRIES = 4;
const FIRST_PAUSE_MS = 500;

/** @throws CliError OUTPUT_NOT_SAVED, with the address */
export async function download(io: Io, url: string, target: Target, signal: AbortSignal): Promise<void> {
  // What has been written to a pipe cannot be taken back.
  const tries = target.kind === "file" ? TRIES : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const suffix = io.randomBytes(4).toString("hex");
      return await writeTo(target, await openVideo(io, url, signal), { stdout: io.stdout, suffix, signal });
    } catch (error) {
      if (signal.aborted || attempt === tries || !isPassing(error)) throw notSaved(url, error);
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

class NoVideo extends Error {
  constructor() {
    super("what is answered there is no video");
  }
}

async function openVideo({ fetch }: Io, url: string, signal: AbortSignal): Promise<Readable> {
  const response = await fetch(url, { signal });
  if (response.status === 200 && response.body !== null && isMedia(response))
    return Readable.fromWeb(response.body as ReadableStream);
  await response.body?.cancel();
  throw response.status === 200 ? new NoVideo() : new HttpError(response.status);
}

/** A page in its place, of something in between, must not pass for the video, and replace an earlier one. */
function isMedia({ headers }: Response): boolean {
  return !/^(text\/|application\/(json|xml|xhtml))/.test(headers.get("content-type") ?? "");
}

/** The network, or the server for now; not the disk, and not an address that is refused. */
function isPassing(error: unknown): boolean {
  if (error instanceof HttpError) return error.status >= 500 || error.status === 429 || error.status === 202;
  return error instanceof TypeError;
}

function notSaved(url: string, error: unknown): CliError {
  const { cause, code, name, message } = error as Partial<NodeJS.ErrnoException> & { cause?: { code?: string } };
  // A DOMException has a number for a code.
  const known = cause?.code ?? (typeof code === "string" ? code : undefined);
  const why = name === "AbortError" ? "interrupted" : (known ?? message ?? "failed");
  return new CliError("OUTPUT_NOT_SAVED", `The video is made, but was not saved (${why}). It is at ${url}`);
}
