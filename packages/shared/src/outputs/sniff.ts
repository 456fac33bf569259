/** Detects the type of a file by its bytes. Names and content types of others may be wrong. */
import { fileTypeFromBuffer } from "file-type";

/** This many bytes are enough to detect every media type that is kept. */
export const SNIFF_BYTES = 4100;

export interface Sniffed {
  contentType: string;
  extension: string;
}

/** Null when the file type is not known. */
export async function sniff(head: Uint8Array): Promise<Sniffed | null> {
  const found = await fileTypeFromBuffer(head);
  return found === undefined ? null : { contentType: found.mime, extension: found.ext };
}
