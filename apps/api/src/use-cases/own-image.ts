/**
 * An output of this gateway as the image of the next call. Its signed URL is not fetched, so it works over http and from
 * any host: the signature proves that this gateway made the URL, and the record says where the file is stored.
 */
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { invalid, type VisgateError } from "@visgate/shared/errors";
import { IMAGE_TYPES, type SignedFile } from "@visgate/shared/outputs";
import { isTerminal, type Output, type RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

/** The limit of some providers. */
const MAX_MEGABYTES = 16;

export type OwnImage = {
  kind: "stored";
  contentType: string;
  extension: string;
  sha256: string;
  read(): AsyncIterable<Uint8Array>;
};

/** `elsewhere`: the output was not copied, so the image is still at its provider. */
type Found = OwnImage | { kind: "elsewhere"; url: string };

/** Null for any URL that is not a valid file URL of the caller's organization. */
export async function findOwnImage(deps: Deps, organization: string, text: string): Promise<Found | null> {
  const file = deps.fileUrls.read(text);
  if (file === null) return null;
  const { output: wanted, expires, signature } = file;
  if (!deps.fileUrls.signatureMatches(wanted, expires, signature)) return refuseIfOurs(deps, file);
  if (wanted.organization !== organization) return null;
  if (expires * 1000 < deps.clock.now()) throw noLongerKept();
  const record = (await deps.store.requests.get(wanted))?.doc;
  const output = outputOf(record, wanted.index);
  return output.kind === "remote" ? { kind: "elsewhere", url: output.url } : openImage(deps, output);
}

/** On another host it may be a file of another gateway, which the provider can fetch. */
function refuseIfOurs(deps: Deps, { origin }: SignedFile): null {
  if (origin !== new URL(deps.settings.publicBase).origin) return null;
  throw refused("has a wrong signature; use output_url as it is", "output_url");
}

function outputOf(record: RequestRecord | undefined, index: number): Output {
  if (record !== undefined && !isTerminal(record.status)) {
    throw refused("belongs to a request that has not ended; wait until it is completed", "output_url");
  }
  if (record !== undefined && record.failure !== null) {
    throw refused("belongs to a request that failed, so there is no image", "output_url");
  }
  const output = record?.outputs[index];
  if (output === undefined) throw noLongerKept();
  return output;
}

async function openImage(deps: Deps, output: Extract<Output, { kind: "stored" }>): Promise<OwnImage> {
  const { key, contentType, bytes, sha256 } = output;
  if (!IMAGE_TYPES.includes(contentType)) {
    throw refused(`is a file of type ${contentType}; send a JPEG, PNG or WebP image`, IMAGE_TYPES);
  }
  if (bytes > MAX_MEGABYTES * 1024 ** 2) {
    throw refused(`is larger than ${MAX_MEGABYTES} MB`, { maximum_bytes: MAX_MEGABYTES * 1024 ** 2 });
  }
  const file = await deps.outputs.open(key);
  if (file === null) throw noLongerKept();
  return { kind: "stored", contentType, extension: extname(key).slice(1), sha256, read: (): Readable => file.stream() };
}

const noLongerKept = () => refused("is a file that is no longer kept", "output_url");

const refused = (why: string, allowed: unknown): VisgateError => invalid("image_url", `image_url ${why}.`, allowed);
