/** Makes posters, each in a process of its own (child.ts), one at a time. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atMost } from "@visgate/shared/at-most";
import type { OpenedFile } from "@visgate/shared/outputs";
import { runApart } from "@visgate/shared/runtime/process";
import { sparseCopy } from "./sparse-copy.js";

export interface PosterTask {
  /** The path of the file, alone in a folder that is removed with it. */
  file: string;
  contentType: string;
}

export interface PosterReply {
  /** Null when the file cannot be decoded. */
  jpeg: Uint8Array | null;
}

export interface Posters {
  /**
   * Null when there is no poster: the file is too large or cannot be decoded, or too many wait. Never throws, and ends
   * when `signal` aborts.
   */
  of(file: OpenedFile, contentType: string, signal: AbortSignal): Promise<Uint8Array | null>;
}

const LIMITS = {
  timeMs: 5000,
  /** Those that wait included. In a burst, the others would wait in vain until their time is over. */
  maxPending: 10,
  maxFileBytes: 500 * 1024 ** 2,
  /** An image is read whole. */
  maxImageBytes: 50 * 1024 ** 2,
  maxMemoryBytes: 512 * 1024 ** 2,
};

/** From the sources, as in unit tests, the built program is used. */
function builtChild(): string {
  const paths = ["./child.js", "../../dist/posters/child.js"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return paths.find((path) => existsSync(path)) ?? (paths[0] as string);
}

/** `entry`: the program. Tests have others, and other limits. */
export function createPosters({
  entry = builtChild(),
  ...limits
}: { entry?: string } & Partial<typeof LIMITS> = {}): Posters {
  const { timeMs, maxPending, maxFileBytes, maxImageBytes, maxMemoryBytes } = { ...LIMITS, ...limits };
  const inTurn = atMost(1);
  let pending = 0;

  async function make(file: OpenedFile, contentType: string, signal: AbortSignal): Promise<Uint8Array | null> {
    if (signal.aborted) return null;
    const folder = await mkdtemp(join(tmpdir(), "visgate-poster-"));
    try {
      const path = join(folder, "output");
      await sparseCopy(file, path, { isWhole: contentType.startsWith("image/"), signal });
      const task: PosterTask = { file: path, contentType };
      return (await runApart<PosterReply>(task, { entry, timeMs, maxMemoryBytes, signal }))?.jpeg ?? null;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    async of(file, contentType, signal) {
      const maxBytes = contentType.startsWith("image/") ? maxImageBytes : maxFileBytes;
      if (file.totalBytes > maxBytes || pending >= maxPending) return null;
      pending += 1;
      try {
        const made = inTurn(() => make(file, contentType, signal)).catch(() => null);
        return await Promise.race([made, aborted(signal)]);
      } finally {
        pending -= 1;
      }
    },
  };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
