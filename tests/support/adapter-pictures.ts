/** Small JPEGs for tests of adapters. */
import sharp from "sharp";

const jpeg = await sharp({ create: { width: 96, height: 54, channels: 3, background: "teal" } })
  .jpeg()
  .toBuffer();

export const PICTURE_URI = `data:image/jpeg;base64,${jpeg.toString("base64")}`;

/** A JPEG of this many bytes. Decoders ignore the zeros after its end. */
export function pictureOf(bytes: number): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.max(bytes, jpeg.length));
  padded.set(jpeg);
  return padded;
}
