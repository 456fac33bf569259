/**
 * A process that converts one image. The libraries that decode images are large and written in C, and the images come from
 * anybody: what crashes or hangs here is this process only.
 */
import decodeHeic from "heic-decode";
import sharp, { type Sharp } from "sharp";
import type { ConvertReply, ConvertTask } from "./converter.js";

const JPEG_QUALITY = 92;
/** Each makes the image a little smaller than the last one should have. */
const MAX_TRIES = 4;

async function convert({ bytes, contentType, maxBytes, maxPixels }: ConvertTask): Promise<ConvertReply> {
  const isHeic = /^image\/hei[cf]/.test(contentType);
  const image = isHeic ? await fromHeic(bytes, maxPixels) : sharp(bytes, { limitInputPixels: maxPixels });
  const { format, space, orientation = 1, hasAlpha } = await image.metadata();
  const isTaken = !isHeic && ["jpeg", "png", "webp"].includes(format ?? "") && space !== "cmyk" && orientation === 1;
  if (isTaken && bytes.byteLength <= maxBytes) return { kind: "kept" };
  const upright = image.autoOrient().toColourspace("srgb");
  // Some formats always have the channel.
  if (hasAlpha && !(await image.clone().stats()).isOpaque) {
    const png = await upright.clone().png().toBuffer();
    if (png.byteLength <= maxBytes)
      return { kind: "converted", bytes: png, contentType: "image/png", extension: "png" };
  }
  return smallEnough(upright.flatten({ background: "white" }), maxBytes);
}

async function smallEnough(image: Sharp, maxBytes: number): Promise<ConvertReply> {
  let width: number | null = null;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const sized = width === null ? image.clone() : image.clone().resize({ width });
    const { data, info } = await sized.jpeg({ quality: JPEG_QUALITY }).toBuffer({ resolveWithObject: true });
    if (data.byteLength <= maxBytes) {
      return { kind: "converted", bytes: data, contentType: "image/jpeg", extension: "jpg" };
    }
    width = Math.floor(info.width * Math.sqrt(maxBytes / data.byteLength) * 0.9);
  }
  return { kind: "refused" };
}

/** The size is known before the pixels are decoded. */
async function fromHeic(bytes: Uint8Array, maxPixels: number): Promise<Sharp> {
  const images = await decodeHeic.all({ buffer: bytes });
  try {
    const [first] = images;
    if (first === undefined || first.width * first.height > maxPixels) throw new Error("too many pixels");
    const { width, height, data } = await first.decode();
    return sharp(Buffer.from(data.buffer), { raw: { width, height, channels: 4 } });
  } finally {
    images.dispose();
  }
}

process.on("disconnect", () => process.exit(0));
process.once("message", async (task) => {
  const reply = await convert(task as ConvertTask).catch((): ConvertReply => ({ kind: "refused" }));
  process.send?.(reply, () => process.exit(0));
});
