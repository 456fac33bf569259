/**
 * A file of this gateway as an input of a call: an output, an input of another request, or a file that was uploaded. Its
 * signed URL is not fetched, so it works over http and from any host: the signature proves that this gateway made the
 * URL, and the record of the request says where the file is.
 */
import { createHash } from "node:crypto";
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { invalid, type VisgateError } from "@visgate/shared/errors";
import {
  type InputName,
  isInputName,
  MEDIA_KINDS,
  type MediaKind,
  type OpenedFile,
  type SignedFile,
} from "@visgate/shared/outputs";
import {
  isTerminal,
  type Output,
  type RequestRecord,
  type RequestRef,
  type StoredOutput,
} from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { posterFile } from "../open-output.js";
import { openCallerFile } from "./caller-files.js";
import { inputNamed } from "./input-file.js";
import { outputsAway } from "./outputs-away.js";

/** The limits of some providers. */
const MAX_MEGABYTES: Record<MediaKind, number> = { image: 16, video: 100, audio: 100 };

export type OwnFile = {
  kind: "stored";
  contentType: string;
  extension: string;
  sha256: string;
  read(): AsyncIterable<Uint8Array>;
};

/** `elsewhere`: it was not copied, so the file is still at its provider, or where the caller has it. `inline`: small. */
type Found = OwnFile | { kind: "elsewhere"; url: string } | { kind: "inline"; dataUri: string };

/** What the caller gave. `field`: for errors; `kind`: what it must be. */
export interface Named {
  text: string;
  field: string;
  kind: MediaKind;
}

/** Null for any URL that is not a valid file URL of the caller's organization. */
export async function findOwnFile(deps: Deps, organization: string, named: Named): Promise<Found | null> {
  const signed = deps.fileUrls.read(named.text);
  if (signed === null) return null;
  const { file: wanted, expires, signature } = signed;
  if (!deps.fileUrls.signatureMatches(wanted, expires, signature)) return refuseIfOurs(deps, signed, named);
  if (wanted.organization !== organization) return null;
  if (expires * 1000 < deps.clock.now()) throw noLongerKept(named);
  if (wanted.index === "file") return uploadedFile(deps, wanted, named);
  const record = (await deps.store.requests.get(wanted))?.doc;
  if (isInputName(wanted.index)) return inputOf(deps, record, wanted.index, named);
  const output = outputOf(record, wanted.index, named);
  return output.kind === "remote" ? { kind: "elsewhere", url: output.url } : openFile(deps, output, named);
}

async function uploadedFile(deps: Deps, ref: RequestRef, named: Named): Promise<OwnFile> {
  const found = await openCallerFile(deps, ref).catch((error) => {
    deps.log.error({ err: error }, "an uploaded file could not be opened");
    throw outputsAway();
  });
  if (found === null) throw refused(named, "is a file that is not kept; upload it again", "url");
  requireFitting(found, named);
  return { kind: "stored", ...found, read: () => found.file.stream() };
}

/** Requests have their inputs from the beginning, so it does not matter how this one ended. */
async function inputOf(deps: Deps, record: RequestRecord | undefined, name: InputName, named: Named): Promise<Found> {
  const source = record === undefined ? undefined : inputNamed(record.input, name);
  if (source === undefined) throw noLongerKept(named);
  if (source.kind === "url") return { kind: "elsewhere", url: source.url };
  if (source.kind === "inline") return source;
  return openFile(deps, source, named);
}

async function hashOf(file: OpenedFile): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of file.stream()) hash.update(chunk);
  return hash.digest("hex");
}

/** On another host it may be a file of another gateway, which the provider can fetch. */
function refuseIfOurs(deps: Deps, { origin }: SignedFile, named: Named): null {
  if (origin !== new URL(deps.settings.publicBase).origin) return null;
  throw refused(named, "has a wrong signature; use output_url, or the url of a file, as it is", "output_url");
}

function outputOf(record: RequestRecord | undefined, index: number | "poster", named: Named): Output {
  if (record !== undefined && !isTerminal(record.status)) {
    throw refused(named, "belongs to a request that has not ended; wait until it is completed", "output_url");
  }
  if (record !== undefined && record.failure !== null) {
    throw refused(named, `belongs to a request that failed, so there is no ${named.kind}`, "output_url");
  }
  const output = index === "poster" ? posterAsOutput(record) : record?.outputs[index];
  if (output === undefined) throw noLongerKept(named);
  return output;
}

/** Posters are so small that their size does not matter. */
function posterAsOutput(record: RequestRecord | undefined): Output | undefined {
  const poster = record === undefined ? null : posterFile(record);
  return poster === null ? undefined : { kind: "stored", ...poster, bytes: 0 };
}

/** The record of a request does not have the size and the hash of an input. */
type Stored = Pick<StoredOutput, "key" | "contentType"> & Partial<Pick<StoredOutput, "bytes" | "sha256">>;

function requireFitting({ contentType, bytes }: { contentType: string; bytes: number }, named: Named): void {
  const { types, text } = MEDIA_KINDS[named.kind];
  const megabytes = MAX_MEGABYTES[named.kind];
  if (!types.includes(contentType)) throw refused(named, `is a file of type ${contentType}; send ${text}`, types);
  if (bytes > megabytes * 1024 ** 2) {
    throw refused(named, `is larger than ${megabytes} MB`, { maximum_bytes: megabytes * 1024 ** 2 });
  }
}

async function openFile(deps: Deps, { key, contentType, bytes, sha256 }: Stored, named: Named): Promise<OwnFile> {
  if (bytes !== undefined) requireFitting({ contentType, bytes }, named);
  const file = await deps.outputs.open(key);
  if (file === null) throw noLongerKept(named);
  requireFitting({ contentType, bytes: file.totalBytes }, named);
  return {
    ...{ kind: "stored", contentType, extension: extname(key).slice(1), sha256: sha256 ?? (await hashOf(file)) },
    read: (): Readable => file.stream(),
  };
}

const noLongerKept = (named: Named) => refused(named, "is a file that is no longer kept", "output_url");

const refused = ({ field }: Named, why: string, allowed: unknown): VisgateError =>
  invalid(field, `${field} ${why}.`, allowed);
