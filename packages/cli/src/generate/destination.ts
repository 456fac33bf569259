/** Where -o writes the video. It is checked before anything is spent. */
import { constants, createWriteStream } from "node:fs";
import { access, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../errors/failure.js";
import type { Output } from "../screen/io.js";

export type Destination =
  | { kind: "stdout" }
  /** Written under a temporary name, and renamed when it is complete. */
  | { kind: "file"; path: string }
  /** A device or a named pipe, which must not be replaced by a file. */
  | { kind: "device"; path: string };

/** @throws UsageError the video could not be written there */
export async function resolveDestination(output: string): Promise<Destination> {
  if (output === "") throw new UsageError("-o needs a file name.");
  if (output === "-") return { kind: "stdout" };
  // A symbolic link stays; the file that it points to is replaced.
  const path = await realpath(output).catch(() => resolve(output));
  const existing = await stat(path).catch(() => null);
  if (existing?.isDirectory() || output.endsWith("/"))
    throw new UsageError(`-o ${output} is a directory: add a file name.`);
  if (existing !== null && !existing.isFile()) return { kind: "device", path };
  await access(dirname(path), constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "does not exist" : "is not writable";
    throw new UsageError(`-o ${output}: the directory ${dirname(output)} ${why}.`);
  });
  return { kind: "file", path };
}

export interface WriteOptions {
  stdout: Output;
  /** Makes the temporary name unique. */
  suffix: string;
  signal: AbortSignal;
}

export async function writeTo(destination: Destination, video: Readable, options: WriteOptions): Promise<void> {
  const { stdout, suffix, signal } = options;
  if (destination.kind === "stdout") return pipeline(video, stdout, { end: false, signal });
  const { kind, path } = destination;
  if (kind === "device") return pipeline(video, createWriteStream(path), { signal });
  const part = join(dirname(path), `.${basename(path)}.${suffix}.part`);
  const file = createWriteStream(part, { flags: "wx" });
  const closed = new Promise<void>((resolve) => file.once("close", resolve));
  try {
    await pipeline(video, file, { signal });
    await rename(part, path);
  } catch (error) {
    // The stream may still be opening the file: it would make it after it was removed.
    await closed;
    await rm(part, { force: true });
    throw error;
  }
}
