/**
 * `data:` URIs that carry an input. They are read as browsers read them (the data: URL processor of the Fetch standard):
 * with parameters, percent-encoding, and base64 with or without padding. What browsers refuse is refused here too.
 */
import { type CheckedMedia, checkMedia, type MediaKind } from "./media-types.js";

export const NOT_A_DATA_URI = "is not a valid data: URI; check that its base64 text is whole and unchanged";

export async function decodeDataMedia(uri: string, kind: MediaKind): Promise<CheckedMedia> {
  const bytes = decodeDataUri(uri);
  if (bytes !== null) return checkMedia(bytes, kind);
  return { file: null, fault: NOT_A_DATA_URI };
}

/**
 * Null for what is no data: URI, and for base64 with characters or padding in a wrong place. The URL parser is not used,
 * because it would block the process for ten times as long as all the rest.
 */
export function decodeDataUri(uri: string): Buffer | null {
  const head = /^data:[^,#]*,/i.exec(uri)?.[0];
  if (head === undefined) return null;
  const [text = ""] = uri.slice(head.length).split("#", 1);
  return /; *base64 *,$/i.test(head) ? base64Decoded(percentDecoded(text)) : percentDecoded(text);
}

/** `atob` follows the standard, and `Buffer.from` does not: it skips wrong characters and stops at the first `=`. */
function base64Decoded(text: Buffer): Buffer | null {
  try {
    return Buffer.from(atob(text.toString("latin1")), "latin1");
  } catch {
    return null;
  }
}

const PERCENT = 0x25;
/** The value of each hexadecimal digit; negative for other characters. */
const DIGITS = new Int8Array(256).fill(-1);
for (const digit of "0123456789abcdefABCDEF") DIGITS[digit.charCodeAt(0)] = Number.parseInt(digit, 16);
const digitAt = (bytes: Buffer, at: number): number => DIGITS[bytes[at] ?? 0] ?? -1;

/** In one pass over the bytes: an image has millions, and `replace` would block the process for a second. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text);
  const first = bytes.indexOf(PERCENT);
  if (first === -1) return bytes;
  let length = first;
  for (let at = first; at < bytes.length; at += 1) {
    const code = bytes[at] === PERCENT ? (digitAt(bytes, at + 1) << 4) | digitAt(bytes, at + 2) : -1;
    bytes[length++] = code < 0 ? (bytes[at] ?? 0) : code;
    if (code >= 0) at += 2;
  }
  return bytes.subarray(0, length);
}

export function encodeDataUri(contentType: string, bytes: Buffer): string {
  return `data:${contentType};base64,${bytes.toString("base64")}`;
}
