/** A process that makes the poster of one output: its first frame, or the image itself, as a small JPEG. */
import { rmSync } from "node:fs";
import { setPriority } from "node:os";
import { dirname } from "node:path";
import type { EncodedVideoChunk, VideoFrame } from "@napi-rs/webcodecs";
import sharp, { type Sharp } from "sharp";
import type { PosterReply, PosterTask } from "./posters.js";

const MAX_SIDE = 640;
const JPEG_QUALITY = 75;
const MAX_PIXELS = 50_000_000;
/** Steps of a file behind the first frame: sounds may come before it. */
const MAX_PACKETS = 500;
/** So that the steps of the worker come first. */
const NICE = 10;

async function makePoster({ file, contentType }: PosterTask): Promise<Uint8Array> {
  const isImage = contentType.startsWith("image/");
  const image = isImage
    ? sharp(file, { limitInputPixels: MAX_PIXELS }).autoOrient()
    : await firstFrame(file, contentType);
  return image
    .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: "inside", withoutEnlargement: true })
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}

/** Loaded for films only, because it is large. */
async function firstFrame(file: string, contentType: string): Promise<Sharp> {
  const { MkvDemuxer, Mp4Demuxer, VideoDecoder, WebMDemuxer } = await import("@napi-rs/webcodecs");
  const Demuxer = { "video/webm": WebMDemuxer, "video/matroska": MkvDemuxer }[contentType] ?? Mp4Demuxer;
  const chunks: EncodedVideoChunk[] = [];
  const frames: VideoFrame[] = [];
  const faults: Error[] = [];
  const error = (fault: Error) => void faults.push(fault);
  const demuxer = new Demuxer({ videoOutput: (chunk) => void chunks.push(chunk), error });
  await demuxer.load(file);
  const config = demuxer.videoDecoderConfig;
  if (config === null || config.codedWidth * config.codedHeight > MAX_PIXELS) throw new Error("no film, or too large");
  for (let read = 0; chunks.length === 0 && read < MAX_PACKETS; read += 1) await demuxer.demuxAsync(1);
  const decoder = new VideoDecoder({ output: (frame) => void frames.push(frame), error });
  decoder.configure(config);
  const [first] = chunks;
  if (first !== undefined) decoder.decode(first);
  await decoder.flush();
  const [frame] = frames;
  if (frame === undefined) throw faults[0] ?? new Error("no frame");
  return pixelsOf(frame);
}

async function pixelsOf(frame: VideoFrame): Promise<Sharp> {
  const { codedWidth: width, codedHeight: height, displayWidth, displayHeight, rotation } = frame;
  const pixels = new Uint8Array(width * height * 4);
  await frame.copyTo(pixels, { format: "RGBA" });
  const image = sharp(pixels, { raw: { width, height, channels: 4 } });
  return image.resize({ width: displayWidth, height: displayHeight, fit: "fill" }).rotate(rotation);
}

setPriority(NICE);
let file: string | null = null;
process.on("disconnect", () => {
  // The worker has died, and cannot remove its file.
  if (file !== null) rmSync(dirname(file), { recursive: true, force: true });
  process.exit(0);
});
process.once("message", async (task: PosterTask) => {
  file = task.file;
  const reply: PosterReply = { jpeg: await makePoster(task).catch(() => null) };
  process.send?.(reply, () => process.exit(0));
});
