/** Checks the caller's images, videos and sounds, and decides where each is until the provider gets it. Fetches nothing. */
import { createHash } from "node:crypto";
import type { GivenMedia } from "@visgate/shared/catalogue";
import { invalid } from "@visgate/shared/errors";
import {
  checkMedia,
  decodeDataUri,
  encodeDataUri,
  folderOf,
  inputFolder,
  inputKey,
  MEDIA_KINDS,
  type MediaFile,
  type MediaKind,
  NOT_A_DATA_URI,
  oneChunk,
} from "@visgate/shared/outputs";
import type { ImageInput, InputRole, MediaInput, RequestRef } from "@visgate/shared/request";
import { checkUrl } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";
import { outputsAway } from "./outputs-away.js";
import { findOwnFile, type OwnFile } from "./own-file.js";
import { wholeImage } from "./whole-image.js";

const MAX_DATA_BYTES = 5 * 1024 * 1024;
/** Larger files go to the output store, because Redis should hold no media. */
const MAX_INLINE_BYTES = 32 * 1024;

const KINDS: Record<InputRole, MediaKind> = {
  first: "image",
  last: "image",
  reference: "image",
  video: "video",
  audio: "audio",
};

/**
 * `identity`: equal for equal files. A file whose bytes are here counts by its bytes; a URL that the provider will fetch
 * counts by its text.
 */
export type PreparedInput = { role: InputRole; identity: string } & (
  | { kind: "ready"; source: ImageInput }
  | { kind: "to_store"; file: MediaFile }
  | { kind: "to_copy"; file: OwnFile }
);

/** One after the other, so that a call holds the bytes of one decoded file at a time beside those that it keeps. */
export async function prepareInputs(
  deps: Deps,
  organization: string,
  given: readonly GivenMedia[],
  converts = false,
): Promise<PreparedInput[]> {
  const prepared: PreparedInput[] = [];
  for (const one of given) prepared.push(await prepareInput(deps, organization, { ...one, converts }));
  return prepared;
}

type Input = GivenMedia & { converts: boolean };

async function prepareInput(deps: Deps, organization: string, given: Input): Promise<PreparedInput> {
  const { role, url: text, field } = given;
  const kind = KINDS[role];
  if (/^data:/i.test(text)) return prepareDataUri(deps, given, kind);
  const own = await findOwnFile(deps, organization, { text, field, kind });
  if (own?.kind === "stored") return { role, kind: "to_copy", file: own, identity: `bytes:${own.sha256}` };
  if (own?.kind === "inline") return prepareDataUri(deps, { ...given, url: own.dataUri }, kind);
  if (given.converts && kind === "image" && own === null) throw notConverted(field);
  const { href, fault } = checkUrl(own?.url ?? text, deps.settings.urlPolicy);
  if (fault !== null) throw invalid(field, `${field} ${fault}, or be a data: URI.`, ["https URL", "data: URI"]);
  return { role, kind: "ready", source: { kind: "url", url: href }, identity: `url:${href}` };
}

const notConverted = (field: string) =>
  invalid(field, `${field} is fetched by the provider, so it cannot be converted; upload the file by POST /files.`, [
    ...["data: URI", "the url of POST /files"],
  ]);

async function prepareDataUri(
  deps: Deps,
  { role, url, field, converts }: Input,
  kind: MediaKind,
): Promise<PreparedInput> {
  const bytes = decodeDataUri(url);
  if (bytes === null) throw invalid(field, `${field} ${NOT_A_DATA_URI}.`, MEDIA_KINDS[kind].types);
  if (bytes.length > MAX_DATA_BYTES) {
    throw invalid(field, `${field} may hold at most 5 MB; use an https URL, or upload the file by POST /files.`, {
      maximum_bytes: MAX_DATA_BYTES,
    });
  }
  const { file, fault } =
    kind === "image" ? await wholeImage(deps, bytes, { converts }) : await checkMedia(bytes, kind);
  if (fault !== null) throw invalid(field, `${field} ${fault}.`, MEDIA_KINDS[kind].types);
  const identity = `bytes:${createHash("sha256").update(file.bytes).digest("hex")}`;
  // Encoded again with the type that the bytes have, which may differ from the type that the caller wrote.
  const inline = encodeDataUri(file.contentType, file.bytes);
  if (inline.length > MAX_INLINE_BYTES) return { role, kind: "to_store", file, identity };
  return { role, kind: "ready", source: { kind: "inline", dataUri: inline }, identity };
}

/** The part of the cache hash that the inputs are. Without other inputs it is the one of the first image. */
export function identityOf(prepared: readonly PreparedInput[]): { image: string | null; media: [string, string][] } {
  const image = prepared.find(({ role }) => role === "first")?.identity ?? null;
  return { image, media: others(prepared).map(({ role, identity }) => [role, identity]) };
}

const others = (prepared: readonly PreparedInput[]) => prepared.filter(({ role }) => role !== "first");

export interface StoredInputs {
  image: ImageInput | null;
  /** Empty when there is only a first image. */
  media: MediaInput[];
}

/** What the record holds of the inputs. Large ones, and files of this gateway, are stored beside the request. */
export async function storeInputs(
  deps: Deps,
  request: RequestRef,
  prepared: readonly PreparedInput[],
): Promise<StoredInputs> {
  try {
    const first = prepared.find(({ role }) => role === "first");
    const image = first === undefined ? null : await storeInput(deps, request, first, 0);
    const media: MediaInput[] = [];
    for (const one of others(prepared)) {
      const source = await storeInput(deps, request, one, media.length + 1);
      media.push({ role: one.role as MediaInput["role"], source });
    }
    return { image, media };
  } catch (error) {
    // There will be no request that keeps what was stored already.
    await deps.outputs.removeAll(folderOf(request.organization, inputFolder(request.id))).catch(() => {});
    throw error;
  }
}

async function storeInput(deps: Deps, request: RequestRef, one: PreparedInput, index: number): Promise<ImageInput> {
  if (one.kind === "ready") return one.source;
  const { contentType, extension } = one.file;
  const key = inputKey(request.organization, request.id, extension, index);
  await storeFile(deps, key, one.kind === "to_copy" ? one.file.read() : one.file.bytes);
  return { kind: "stored", key, contentType };
}

/** @throws VisgateError UNAVAILABLE while the output store cannot take files */
async function storeFile(deps: Deps, key: string, content: Uint8Array | AsyncIterable<Uint8Array>) {
  if (deps.outputsHealth.fault() !== null) throw outputsAway();
  await deps.outputs.put(key, content instanceof Uint8Array ? oneChunk(content) : content).catch((error) => {
    deps.log.error({ err: error }, "an input could not be stored");
    throw outputsAway();
  });
}
