import { randomUUID } from "node:crypto";
import { copyFile, mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Renderer } from "./renderer.js";

/**
 * Keeps finished files for other simulators too: a file's name says everything that it depends on. Rendering is most of
 * what a test run would otherwise spend its processor time on.
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

/** The copy appears under its name when it is whole. False when there is nothing to copy. */
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
