/** Decodes videos with ffmpeg. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ffmpeg from "@ffmpeg-installer/ffmpeg";
import sharp from "sharp";

const run = promisify(execFile);

export interface Video {
  codec: string;
  width: number;
  height: number;
  seconds: number;
}

/** Decodes every frame. Rejects when the file has an error. */
export async function probe(mp4: Uint8Array): Promise<Video> {
  return withFile(mp4, async (file) => {
    const { stderr } = await run(ffmpeg.path, ["-xerror", "-i", file, "-f", "null", "-"]);
    const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(stderr) ?? [];
    const [, codec, width, height] = /Video: (\w+).*?, (\d+)x(\d+)/.exec(stderr) ?? [];
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return { codec: codec ?? "", width: Number(width), height: Number(height), seconds: total };
  });
}

/** The average colour of each cell of a `columns` x `rows` grid in the frame at `seconds`: [r, g, b] per cell. */
export async function gridAt(mp4: Uint8Array, seconds: number, grid: { columns: number; rows: number }) {
  const png = await withFile(mp4, async (file) => {
    const args = [
      "-v",
      "error",
      "-ss",
      String(seconds),
      "-i",
      file,
      "-frames:v",
      "1",
      "-f",
      "image2",
      "-c:v",
      "png",
      "-",
    ];
    return (await run(ffmpeg.path, args, { encoding: "buffer", maxBuffer: 64e6 })).stdout;
  });
  return gridOf(png, grid);
}

export async function gridOf(image: Uint8Array, { columns, rows }: { columns: number; rows: number }) {
  const raw = await sharp(image).removeAlpha().resize(columns, rows, { fit: "fill", kernel: "cubic" }).raw().toBuffer();
  return Array.from({ length: columns * rows }, (_, cell) => [...raw.subarray(cell * 3, cell * 3 + 3)]);
}

async function withFile<T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-video-"));
  try {
    const file = join(dir, "video.mp4");
    writeFileSync(file, bytes);
    return await use(file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
