import type { ImageSource } from "../media/spec.js";
import type { NodeContext } from "./mishaps.js";
import { parseUrl } from "./parse-url.js";
import type { Simulation } from "./simulation.js";
import type { Words } from "./words.js";

/** A file uploaded through a provider's own file API. */
export interface Upload {
  id: string;
  /** What a submit writes into its image field instead of the bytes. */
  address: string;
  provider: string;
  at: number;
  name: string;
  contentType: string;
  bytes: number;
  sha256: string;
  /** Data that the caller stored with the file. */
  metadata?: unknown;
}

export type UploadedFile = Omit<Upload, "at" | "bytes" | "sha256">;

const ANY = "http://localhost";

/** An upload's own host is left out, because a caller may reach this process under several. Paths contain an id. */
export const uploadKey = (address: string): string =>
  (/^(https?:|\/)/i.test(address) && parseUrl(address, ANY)?.pathname) || address;

/** The upload at an address or at the path of one. */
export const findUpload = (address: string, { ledger }: Pick<Simulation, "ledger">): Upload | undefined =>
  ledger.uploads.get(uploadKey(address));

/** The spoilt answer to an upload; null when no disaster applies. An upload has no prompt to match. */
export function spoilUpload(c: NodeContext, words: Words, { settings }: Simulation): Response | null {
  return settings.disasters.take("upload", "") ? words.serverError(c) : null;
}

/** Keeps the bytes for a day, like every record of this process. */
export async function keepUpload(file: UploadedFile, bytes: Buffer, simulation: Simulation): Promise<Upload> {
  const sha256 = await simulation.inputs.keep(bytes);
  const upload = { ...file, sha256, bytes: bytes.byteLength, at: simulation.now() };
  await simulation.commit({ type: "upload", upload });
  return upload;
}

/** The picture in an input field: a data URI, the address of an upload, or any other address. */
export async function pictureAt(address: string, simulation: Simulation): Promise<ImageSource> {
  const upload = findUpload(address, simulation);
  if (upload) return { from: "stored", sha256: upload.sha256 };
  return (await simulation.inputs.keepDataUri(address)) ?? { from: "url", url: address };
}

/** Serves an uploaded file back. */
export async function sendUpload(c: NodeContext, { sha256, contentType }: Upload, { inputs }: Simulation) {
  return c.body(new Uint8Array(await inputs.read(sha256)), 200, { "content-type": contentType });
}
