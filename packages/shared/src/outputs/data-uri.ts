/** `data:` URIs that carry an image. */
import { type Sniffed, sniff } from "./sniff.js";

export const IMAGE_TYPES: readonly string[] = ["image/jpeg", "image/png", "image/webp"];

export interface DataImage extends Sniffed {
  bytes: Buffer;
}

/** The decoded image; null unless the text is a base64 data URI of a JPEG, PNG or WebP. The bytes decide the type. */
export async function decodeDataImage(uri: string): Promise<DataImage | null> {
  const header = /^data:[\w.+-]+\/[\w.+-]+;base64,/i.exec(uri)?.[0];
  if (header === undefined) return null;
  const bytes = Buffer.from(uri.slice(header.length), "base64");
  const kind = await sniff(bytes);
  return kind === null || !IMAGE_TYPES.includes(kind.contentType) ? null : { ...kind, bytes };
}

export function encodeDataUri(contentType: string, bytes: Buffer): string {
  return `data:${contentType};base64,${bytes.toString("base64")}`;
}
