import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { createCaption } from "./caption.js";
import { encodeMp4 } from "./encode.js";
import { createFrame, type Painter, rgbFromFrame } from "./frame.js";
import { createGradient } from "./gradient.js";
import { createPhotoPan } from "./photo.js";
import { nearestShape, SHAPES, type Size } from "./shapes.js";
import { MediaError, type PictureSpec, sha256, type VideoSpec } from "./spec.js";

const ACCEPTED_FORMATS = new Set(["jpeg", "png", "webp"]);
/** Stills are painted no larger than this and then resized, because painting in JavaScript is slow. */
const PAINT_LIMIT = 1024;

const seedOf = (text: string): number => Number.parseInt(sha256(text).slice(0, 8), 16);

/** Reads the format from the bytes: names and declared types may be wrong. */
async function pictureSize(bytes: Uint8Array): Promise<Size> {
  const found = await sharp(bytes)
    .metadata()
    .catch(() => null);
  if (!found || !ACCEPTED_FORMATS.has(found.format)) throw new MediaError("decode", "not a JPEG, PNG or WebP picture");
  return found.autoOrient;
}

async function photoPan(bytes: Uint8Array, size: Size): Promise<Painter> {
  return createPhotoPan(bytes, size).catch((error: unknown) => {
    throw new MediaError("decode", String(error));
  });
}

export async function renderVideo(
  spec: VideoSpec,
  { imagePath, framesPerSecond }: { imagePath: string | null; framesPerSecond: number },
): Promise<Uint8Array> {
  const bytes = imagePath === null ? null : await readFile(imagePath);
  const size = SHAPES[nearestShape(spec.shapes, bytes && (await pictureSize(bytes)))];
  const paint = bytes ? await photoPan(bytes, size) : createGradient(seedOf(spec.prompt));
  const caption = createCaption(spec.prompt, size);
  return encodeMp4(size, { seconds: spec.seconds, framesPerSecond }, (frame, at) => {
    paint(frame, at);
    caption(frame);
  });
}

const even = (value: number): number => Math.max(16, Math.round(value / 2) * 2);

export async function renderPicture(spec: PictureSpec): Promise<Uint8Array> {
  const shrink = Math.min(1, PAINT_LIMIT / Math.max(spec.width, spec.height));
  const frame = createFrame(even(spec.width * shrink), even(spec.height * shrink));
  createGradient(seedOf(`${spec.seed} ${spec.prompt}`))(frame, 0.5);
  createCaption(spec.prompt, frame)(frame);
  const raw = { width: frame.width, height: frame.height, channels: 3 as const };
  return sharp(rgbFromFrame(frame), { raw })
    .resize(spec.width, spec.height, { fit: "fill" })
    .toFormat(spec.format, { quality: 88 })
    .toBuffer();
}
