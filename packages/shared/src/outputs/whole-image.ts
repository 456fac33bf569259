/** Whether an image file is whole. A provider would charge for an image that is cut off, or fail on it. */

const CHECKS: Record<string, (bytes: Buffer) => boolean> = {
  "image/png": hasPngEnd,
  "image/jpeg": hasJpegEnd,
  "image/webp": (bytes) => bytes.length >= RIFF_HEAD_BYTES && bytes.length >= RIFF_HEAD_BYTES + bytes.readUInt32LE(4),
};

export const IMAGE_TYPES: readonly string[] = Object.keys(CHECKS).toSorted();

/** `contentType`: one of IMAGE_TYPES. Bytes after the end of the image are allowed, since some cameras add them. */
export function isWholeImage(contentType: string, bytes: Buffer): boolean {
  return CHECKS[contentType]?.(bytes) ?? false;
}

/** The four letters RIFF, and the length of what follows. */
const RIFF_HEAD_BYTES = 8;

const PNG_SIGNATURE_BYTES = 8;
/** The length, type and checksum around the data of each chunk. */
const PNG_CHUNK_BYTES = 12;
const IEND = 0x49454e44;

function hasPngEnd(bytes: Buffer): boolean {
  for (let at = PNG_SIGNATURE_BYTES; at + PNG_CHUNK_BYTES <= bytes.length; ) {
    const end = at + PNG_CHUNK_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) return false;
    if (bytes.readUInt32BE(at + 4) === IEND) return true;
    at = end;
  }
  return false;
}

const MARKER = 0xff;
const END_OF_IMAGE = 0xd9;

/** Goes from segment to segment: a thumbnail inside a segment has an end of its own. */
function hasJpegEnd(bytes: Buffer): boolean {
  for (let at = 2; at >= 0 && at + 1 < bytes.length; ) {
    const code = bytes[at] === MARKER ? bytes[at + 1] : undefined;
    if (code === END_OF_IMAGE) return true;
    if (code === undefined) at = bytes.indexOf(MARKER, at);
    else if (code === MARKER) at += 1;
    else if (hasNoLength(code)) at += 2;
    else if (at + 4 > bytes.length) return false;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return false;
}

/** A 0xff of the compressed data (followed by 0), or a marker that stands alone. */
const hasNoLength = (code: number): boolean => code <= 1 || (code >= 0xd0 && code <= 0xd8);
