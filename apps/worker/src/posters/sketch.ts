/**
 * Copies as much of a stored film as its first frame needs: the beginning, and the end, where some films have their
 * index. The local file has the size of the film, and a hole between, which takes no room on the disk.
 */
import { open } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import type { OpenedFile } from "@visgate/shared/outputs";

const PART_BYTES = 8 * 1024 * 1024;

export interface SketchOptions {
  /** All of it is needed, as of an image. */
  isWhole: boolean;
  signal: AbortSignal;
}

export async function sketch(file: OpenedFile, path: string, { isWhole, signal }: SketchOptions): Promise<void> {
  const { totalBytes } = file;
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.truncate(totalBytes);
    for (const { start, end } of isWhole ? partsOf(totalBytes, totalBytes) : partsOf(totalBytes, PART_BYTES)) {
      let at = start;
      // A store that hangs ends with the signal, too.
      for await (const chunk of addAbortSignal(signal, file.stream({ start, end }))) {
        await handle.write(chunk, 0, chunk.length, at);
        at += chunk.length;
      }
    }
  } finally {
    await handle.close();
  }
}

/** Both ends are included. */
function partsOf(totalBytes: number, partBytes: number): { start: number; end: number }[] {
  if (totalBytes === 0) return [];
  if (totalBytes <= 2 * partBytes) return [{ start: 0, end: totalBytes - 1 }];
  return [
    { start: 0, end: partBytes - 1 },
    { start: totalBytes - partBytes, end: totalBytes - 1 },
  ];
}
