/**
 * Copies only the parts of a stored video that its first frame needs: the first and the last 8 MB, because some videos
 * have their index at the end. The rest of the local file is a hole, which takes no disk space.
 */
import { open } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import type { OpenedFile } from "@visgate/shared/outputs";

const PART_BYTES = 8 * 1024 * 1024;

export interface SparseCopyOptions {
  /** All of it is needed, as of an image. */
  isWhole: boolean;
  signal: AbortSignal;
}

export async function sparseCopy(
  file: OpenedFile,
  path: string,
  { isWhole, signal }: SparseCopyOptions,
): Promise<void> {
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
