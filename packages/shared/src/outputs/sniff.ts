/** What a file is, by its own bytes: names and content types of others are not believed. */
import { fileTypeFromBuffer } from "file-type";

/** Bytes that suffice to recognise the media types we keep. */
export const SNIFF_BYTES = 4100;

export interface Sniffed {
  contentType: string;
  extension: string;
}

/** Null when the bytes are no known file type. */
export async function sniff(head: Uint8Array): Promise<Sniffed | null> {
  const found = await fileTypeFromBuffer(head);
  return found === undefined ? null : { contentType: found.mime, extension: found.ext };
}
