/** Checks the caller's image and decides where it is stored until the provider gets it. Nothing is fetched. */
import { createHash } from "node:crypto";
import { invalid } from "@visgate/shared/errors";
import { type DataImage, decodeDataImage, encodeDataUri, IMAGE_TYPES } from "@visgate/shared/outputs";
import type { ImageInput } from "@visgate/shared/request";
import { type UrlPolicy, urlFault } from "@visgate/shared/runtime/net";

const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** Larger images go to the output store, because Redis should hold no media. */
const MAX_INLINE_BYTES = 32 * 1024;

/** `identity`: equal for equal images. A data: URI counts by its bytes, a URL by its text, since it is not fetched. */
export type PreparedImage = { identity: string } & (
  | { kind: "ready"; image: ImageInput }
  | { kind: "to_store"; image: DataImage }
);

export async function prepareImage(url: string, urlPolicy: UrlPolicy): Promise<PreparedImage> {
  if (/^data:/i.test(url)) return prepareDataImage(url);
  const fault = urlFault(url, urlPolicy);
  if (fault !== null) throw invalid("image_url", `image_url ${fault}, or be a data: URI.`, ["https URL", "data: URI"]);
  return { kind: "ready", image: { kind: "url", url }, identity: `url:${url}` };
}

async function prepareDataImage(dataUri: string): Promise<PreparedImage> {
  const image = await decodeDataImage(dataUri);
  if (image === null) {
    throw invalid("image_url", "image_url must hold a JPEG, PNG or WebP image in base64.", IMAGE_TYPES);
  }
  if (image.bytes.length > MAX_IMAGE_BYTES) {
    throw invalid("image_url", "image_url may hold at most 5 MB; use an https URL.", {
      maximum_bytes: MAX_IMAGE_BYTES,
    });
  }
  if (dataUri.length > MAX_INLINE_BYTES) {
    return { kind: "to_store", image, identity: `bytes:${createHash("sha256").update(image.bytes).digest("hex")}` };
  }
  // Encoded again with the type that the bytes have, which may differ from the type that the caller wrote.
  const inline = { kind: "inline", dataUri: encodeDataUri(image.contentType, image.bytes) } as const;
  return { kind: "ready", image: inline, identity: `data:${JSON.stringify(inline)}` };
}
