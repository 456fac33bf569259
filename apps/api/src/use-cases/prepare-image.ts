/** Checks the caller's image and decides where it lives until the provider gets it. Nothing is fetched here. */
import { invalid } from "@visgate/shared/errors";
import { type DataImage, decodeDataImage, encodeDataUri, IMAGE_TYPES } from "@visgate/shared/outputs";
import type { ImageInput } from "@visgate/shared/request";
import { type UrlPolicy, urlFault } from "@visgate/shared/runtime/net";

const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** Redis holds no media: larger ones go to the output store. */
const MAX_INLINE_BYTES = 32 * 1024;

export type PreparedImage = { kind: "ready"; image: ImageInput } | { kind: "to_store"; image: DataImage };

export async function prepareImage(url: string, urlPolicy: UrlPolicy): Promise<PreparedImage> {
  if (/^data:/i.test(url)) return prepareDataImage(url);
  const fault = urlFault(url, urlPolicy);
  if (fault !== null) throw invalid("image_url", `image_url ${fault}, or be a data: URI.`, ["https URL", "data: URI"]);
  return { kind: "ready", image: { kind: "url", url } };
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
  if (dataUri.length > MAX_INLINE_BYTES) return { kind: "to_store", image };
  // Written anew: the provider is told the type of the bytes, not the one the caller wrote.
  return { kind: "ready", image: { kind: "inline", dataUri: encodeDataUri(image.contentType, image.bytes) } };
}
