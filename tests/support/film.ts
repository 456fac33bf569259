/** Films for the tests, made with ffmpeg. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ffmpeg from "@ffmpeg-installer/ffmpeg";

const run = promisify(execFile);

export interface FilmOptions {
  width: number;
  height: number;
  seconds: number;
  /** Its extension decides the container. */
  name: string;
  /** Further inputs, and the codec. */
  args: string[];
}

/** Its first frame is red, and all others are blue. */
export async function makeFilm({ width, height, seconds, name, args }: FilmOptions): Promise<Buffer> {
  const colour = (name: string, options: string) => `color=${name}:size=${width}x${height}:rate=10${options}`;
  const source = `${colour("red", ":duration=0.1")}[a];${colour("blue", `:duration=${seconds}`)}[b];[a][b]concat`;
  const pixels = args.includes("-pix_fmt") ? [] : ["-pix_fmt", "yuv420p"];
  return ffmpegTo(name, ["-f", "lavfi", "-i", source, ...args, ...pixels]);
}

/** Runs ffmpeg, and returns the file of this name that it makes. */
export async function ffmpegTo(name: string, args: string[]): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-film-"));
  try {
    const file = join(dir, name);
    await run(ffmpeg.path, ["-v", "error", ...args, file]);
    return readFileSync(file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
