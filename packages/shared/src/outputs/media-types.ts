/** The types of files that calls may give as inputs. The bytes decide, because the type that a caller names may be wrong. */
import { type Sniffed, sniff } from "./sniff.js";
import { IMAGE_TYPES, isWholeImage } from "./whole-image.js";

export type MediaKind = "image" | "video" | "audio";

interface Takes {
  types: readonly string[];
  /** The end of "must hold". */
  text: string;
}

export const MEDIA_KINDS: Record<MediaKind, Takes> = {
  image: { types: IMAGE_TYPES, text: "a JPEG, PNG or WebP image" },
  video: { types: ["video/mp4", "video/quicktime", "video/webm"], text: "an MP4, MOV or WebM video" },
  audio: {
    types: ["audio/aac", "audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav", "audio/x-m4a"],
    text: "an MP3, WAV, M4A, AAC, FLAC or Ogg sound",
  },
};

/** Null for a type that no input has. */
export function kindOf(contentType: string): MediaKind | null {
  const kinds = Object.keys(MEDIA_KINDS) as MediaKind[];
  return kinds.find((kind) => MEDIA_KINDS[kind].types.includes(contentType)) ?? null;
}

export interface MediaFile extends Sniffed {
  bytes: Buffer;
}

/** `fault`: the end of a sentence that begins with the name of the field. */
export type CheckedMedia = { file: MediaFile; fault: null } | { file: null; fault: string };

export async function checkMedia(bytes: Buffer, kind: MediaKind): Promise<CheckedMedia> {
  const { types, text } = MEDIA_KINDS[kind];
  const found = await sniff(bytes);
  if (found === null || !types.includes(found.contentType)) return { file: null, fault: `must hold ${text}` };
  if (kind === "image" && !isWholeImage(found.contentType, bytes)) {
    return { file: null, fault: "holds an image that is cut off; send all of its bytes" };
  }
  return { file: { ...found, bytes }, fault: null };
}
