/** Checks the caller's image and decides where it is stored until the provider gets it. Nothing is fetched. */
import { createHash } from "node:crypto";
import { invalid } from "@visgate/shared/errors";
import { type DataImage, decodeDataImage, encodeDataUri, IMAGE_TYPES, inputKey } from "@visgate/shared/outputs";
import type { ImageInput } from "@visgate/shared/request";
import { checkUrl } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";
import { outputsAway } from "./outputs-away.js";
import { findOwnImage, type OwnImage } from "./own-image.js";

export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** Larger images go to the output store, because Redis should hold no media. */
const MAX_INLINE_BYTES = 32 * 1024;

/**
 * `identity`: equal for equal images. An image whose bytes are here counts by its bytes; a URL that the provider will
 * fetch counts by its text.
 */
export type PreparedImage = { identity: string } & (
  | { kind: "ready"; image: ImageInput }
  | { kind: "to_store"; image: DataImage }
  | { kind: "to_copy"; image: OwnImage }
);

export async function prepareImage(deps: Deps, organization: string, text: string): Promise<PreparedImage> {
  if (/^data:/i.test(text)) return prepareDataImage(text);
  const own = await findOwnImage(deps, organization, text);
  if (own?.kind === "stored") return { kind: "to_copy", image: own, identity: `bytes:${own.sha256}` };
  const { href, fault } = checkUrl(own?.url ?? text, deps.settings.urlPolicy);
  if (fault !== null) throw invalid("image_url", `image_url ${fault}, or be a data: URI.`, ["https URL", "data: URI"]);
  return { kind: "ready", image: { kind: "url", url: href }, identity: `url:${href}` };
}

async function prepareDataImage(dataUri: string): Promise<PreparedImage> {
  const { image, fault } = await decodeDataImage(dataUri);
  if (fault !== null) throw invalid("image_url", `image_url ${fault}.`, IMAGE_TYPES);
  if (image.bytes.length > MAX_IMAGE_BYTES) {
    throw invalid("image_url", "image_url may hold at most 5 MB; use an https URL.", {
      maximum_bytes: MAX_IMAGE_BYTES,
    });
  }
  const identity = `bytes:${createHash("sha256").update(image.bytes).digest("hex")}`;
  // Encoded again with the type that the bytes have, which may differ from the type that the caller wrote.
  const inline = encodeDataUri(image.contentType, image.bytes);
  if (inline.length > MAX_INLINE_BYTES) return { kind: "to_store", image, identity };
  return { kind: "ready", image: { kind: "inline", dataUri: inline }, identity };
}

/** What the record holds of the image. A large image, and an output of this gateway, is stored as its input. */
export async function storeImage(
  deps: Deps,
  request: { organization: string; id: string },
  prepared: PreparedImage,
): Promise<ImageInput> {
  if (prepared.kind === "ready") return prepared.image;
  const { contentType, extension } = prepared.image;
  const key = inputKey(request.organization, request.id, extension);
  await storeFile(deps, key, prepared.kind === "to_copy" ? prepared.image.read() : prepared.image.bytes);
  return { kind: "stored", key, contentType };
}

/** @throws VisgateError UNAVAILABLE while the output store cannot take files */
export async function storeFile(deps: Deps, key: string, content: Uint8Array | AsyncIterable<Uint8Array>) {
  if (deps.outputsHealth.fault() !== null) throw outputsAway();
  await deps.outputs.put(key, content instanceof Uint8Array ? oneChunk(content) : content).catch((error) => {
    deps.log.error({ err: error }, "an image could not be stored");
    throw outputsAway();
  });
}

async function* oneChunk(bytes: Uint8Array) {
  yield bytes;
}
