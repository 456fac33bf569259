import { randomUUID } from "node:crypto";
import { copyFile, mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Renderer } from "./renderer.js";

/**
 * Shares finished files with other simulators: the name of a file depends on everything that its content depends on.
 * Without this a test run spends most of its processor time on rendering.
 */
export function withCache(renderer: Renderer, dir: string): Renderer {
  return {
    ...renderer,
    async render(task) {
      const kept = join(dir, basename(task.outputPath));
      if (await copyWhole(kept, task.outputPath)) return;
      await renderer.render(task);
      await mkdir(dir, { recursive: true });
      await copyWhole(task.outputPath, kept);
    },
  };
}

/** The copy gets its name only when it is whole. False when `from` does not exist. */
async function copyWhole(from: string, to: string): Promise<boolean> {
  const part = `${to}.${randomUUID()}.part`;
  try {
    await copyFile(from, part);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  await rename(part, to);
  return true;
}
