import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import ffmpeg from "@ffmpeg-installer/ffmpeg";
import { temporaryDir } from "./harness.js";

interface Run {
  stdout: Buffer;
  log: string;
}

function run(args: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    execFile(ffmpeg.path, args, { encoding: "buffer", maxBuffer: 64e6 }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr.toString())) : resolve({ stdout, log: stderr.toString() }),
    );
  });
}

export interface Film {
  codec: string;
  width: number;
  height: number;
  /** The duration that the container declares. */
  seconds: number;
  /** Counted by decoding every frame. */
  frames: number;
  /** The frame at this time, as packed RGB. */
  frameAt(seconds: number): Promise<Buffer>;
}

/** Decodes a whole MP4; rejects if it contains any fault. */
export async function decode(mp4: Uint8Array): Promise<Film> {
  const file = join(await temporaryDir(), "film.mp4");
  await writeFile(file, mp4);
  const { log } = await run(["-xerror", "-i", file, "-f", "null", "-"]);
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(log) ?? [];
  const [, codec, width, height] = /Video: (\w+).*?, (\d+)x(\d+)/.exec(log) ?? [];
  const frames = [...log.matchAll(/frame=\s*(\d+)/g)].at(-1)?.[1];
  return {
    codec: codec ?? "",
    width: Number(width),
    height: Number(height),
    seconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    frames: Number(frames),
    async frameAt(at) {
      const raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
      return (await run(["-v", "error", "-ss", String(at), "-i", file, "-frames:v", "1", ...raw])).stdout;
    },
  };
}
