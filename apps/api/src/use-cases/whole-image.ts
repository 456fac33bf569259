/** An image in a form that providers take. */
import { type CheckedMedia, checkMedia, IMAGE_TYPES, sniff } from "@visgate/shared/outputs";
import type { Deps } from "../deps.js";

/** What the converter reads. */
const CONVERTED = ["image/avif", "image/gif", "image/heic", "image/heif", "image/tiff"];

/**
 * `converts`: an image of another type, in CMYK, turned by its camera, or too large becomes a JPEG or a PNG. Otherwise
 * only what providers take is taken. `fault`: as in CheckedMedia.
 */
export async function wholeImage(
  deps: Deps,
  bytes: Buffer,
  { converts }: { converts: boolean },
): Promise<CheckedMedia> {
  const contentType = (await sniff(bytes))?.contentType ?? "";
  const isConvertible = CONVERTED.includes(contentType);
  if (!isConvertible || !converts) {
    const checked = await checkMedia(bytes, "image");
    if (isConvertible)
      return { file: null, fault: `is ${contentType}, which no provider takes; convert: true converts it` };
    if (!converts || checked.fault !== null) return checked;
  }
  const reply = await deps.images.convert({ bytes, contentType });
  switch (reply.kind) {
    case "kept":
      return checkMedia(bytes, "image");
    case "converted": {
      const { contentType: type, extension } = reply;
      return { file: { contentType: type, extension, bytes: Buffer.from(reply.bytes) }, fault: null };
    }
    case "refused":
      return { file: null, fault: "holds an image that is damaged, or has more than 50 megapixels" };
  }
}

export const isConvertedType = (contentType: string): boolean =>
  IMAGE_TYPES.includes(contentType) || CONVERTED.includes(contentType);
