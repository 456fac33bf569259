/** -o: where the video goes. Looked at before anything is spent. */
import { constants, createWriteStream } from "node:fs";
import { access, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../errors/failure.js";
import type { Output } from "../screen/io.js";

export type Target =
  | { kind: "stdout" }
  /** Appears under its name when it is whole. */
  | { kind: "file"; path: string }
  /** A device or a named pipe, which must not be replaced. */
  | { kind: "device"; path: string };

/** @throws UsageError it could not be written there */
export async function findTarget(output: string): Promise<Target> {
  if (output === "") throw new UsageError("-o needs a file name.");
  if (output === "-") return { kind: "stdout" };
  // A link is kept, and what it leads to is replaced.
  const path = await realpath(output).catch(() => resolve(output));
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory() || output.endsWith("/")) throw new UsageError(`-o ${output} is a directory: name the file.`);
  if (there !== null && !there.isFile()) return { kind: "device", path };
  await access(dirname(path), constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "does not exist" : "cannot be written to";
    throw new UsageError(`-o ${output}: the directory ${dirname(output)} ${why}.`);
  });
  return { kind: "file", path };
}

export interface Writing {
  stdout: Output;
  /** Makes the temporary name one of its own. */
  suffix: string;
  signal: AbortSignal;
}

export async function writeTo(target: Target, video: Readable, { stdout, suffix, signal }: Writing): Promise<void> {
  if (target.kind === "stdout") return pipeline(video, stdout, { end: false, signal });
  if (target.kind === "device") return pipeline(video, createWriteStream(target.path), { signal });
  const part = join(dirname(target.path), `.${basename(target.path)}.${suffix}.part`);
  try {
    await pipeline(video, createWriteStream(part, { flags: "wx" }), { signal });
    await rename(part, target.path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
