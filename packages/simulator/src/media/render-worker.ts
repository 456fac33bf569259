import { rename, writeFile } from "node:fs/promises";
import { parentPort } from "node:worker_threads";
import sharp from "sharp";
import { renderPicture, renderVideo } from "./render.js";
import { MediaError, type MediaSpec } from "./spec.js";

export interface RenderTask {
  spec: MediaSpec;
  imagePath: string | null;
  outputPath: string;
  framesPerSecond: number;
}

export type RenderReply = { ok: true } | { ok: false; reason: MediaError["reason"]; message: string };

// Pictures come one at a time and seldom repeat: threads and caches of the image library would only hold memory.
sharp.concurrency(1);
sharp.cache(false);

async function carryOut({ spec, outputPath, ...how }: RenderTask): Promise<RenderReply> {
  try {
    const bytes = spec.kind === "video" ? await renderVideo(spec, how) : await renderPicture(spec);
    // Renamed when complete: after a kill, a file under its final name is still whole.
    await writeFile(`${outputPath}.part`, bytes);
    await rename(`${outputPath}.part`, outputPath);
    return { ok: true };
  } catch (error) {
    const reason = error instanceof MediaError ? error.reason : "render";
    return { ok: false, reason, message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", async (task: RenderTask) => parentPort?.postMessage(await carryOut(task)));
