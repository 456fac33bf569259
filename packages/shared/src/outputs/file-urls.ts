/**
 * Signed URLs of outputs, of kept inputs and of uploaded files. With a URL one file can be read until it is pruned. The
 * URL of an output is known as soon as the request is accepted, and does not show where the file is stored.
 */

import { extname } from "node:path";
import { parseUrl } from "../parse-url.js";
import type { Output, RequestRecord, RequestRef } from "../request/record.js";
import type { Secrets } from "../runtime/secrets.js";

export const FILES_PATH = "/api/v1/files";
const DAY_SECONDS = 86_400;

/** An input of a request: `in-0` is its first image, `in-1` the first of its other inputs. */
export type InputName = `in-${number}`;

/** What is no output has a word in place of an index: the poster of a request, or a file that a caller uploaded. */
const WORDS = ["poster", "file"] as const;
type Word = (typeof WORDS)[number];

export interface FileRef extends RequestRef {
  /** The number of an output, the name of an input, or a word. */
  index: number | InputName | Word;
}

/** What a file URL says. Only its signature proves that this gateway made it. */
export interface SignedFile {
  /** Of the URL, which may be another one than ours: a gateway is reached under several names and ports. */
  origin: string;
  file: FileRef;
  /** Seconds since the epoch. */
  expires: number;
  signature: string;
}

export interface FileOwner extends Pick<RequestRecord, "organization" | "id" | "mediaType" | "createdAt"> {
  outputs: readonly Output[];
}

export interface FileUrls {
  /** All URLs of an output open the same file, and have the same signature. An image's ends with its type once known. */
  urlOf(record: FileOwner, index: number): string;
  posterUrl(record: FileOwner): string;
  /** The URL of an uploaded file, which is known before the file. `extension`: "" when its type is not known yet. */
  callerFileUrl(file: RequestRef & { createdAt: number }, extension: string): string;
  /** The URL of an input that this gateway keeps. `number`: 0 for the first image. `extension`: as above. */
  inputUrl(request: RequestRef & { createdAt: number }, number: number, extension: string): string;
  /** From when on URLs of what was made then are not valid any more. In seconds since the epoch. */
  expiryOf(createdAt: number): number;
  /** Null for a text that does not look like a file URL. */
  read(text: string): SignedFile | null;
  /** `expires`: seconds since the epoch. */
  signatureMatches(file: FileRef, expires: number, signature: string): boolean;
}

export function createFileUrls(options: { base: string; secrets: Secrets; retentionDays: number }): FileUrls {
  const { base, secrets, retentionDays } = options;
  const expiryOf = (createdAt: number) => Math.ceil(createdAt / 1000 + retentionDays * DAY_SECONDS);
  const signed = (path: string, extension: string, createdAt: number) => {
    const expires = expiryOf(createdAt);
    return `${base}${FILES_PATH}/${path}${extension}?expires=${expires}&signature=${secrets.signFile(path, expires)}`;
  };
  return {
    urlOf: (record, index) => signed(pathOf(record, index), extensionOf(record, index), record.createdAt),
    posterUrl: (record) => signed(pathOf(record, "poster"), ".jpg", record.createdAt),
    callerFileUrl: (file, extension) => signed(pathOf(file, "file"), suffix(extension), file.createdAt),
    inputUrl: (request, number, extension) =>
      signed(pathOf(request, `in-${number}`), suffix(extension), request.createdAt),
    expiryOf,
    read,
    signatureMatches: (file, expires, signature) =>
      secrets.fileSignatureMatches(pathOf(file, file.index), expires, signature),
  };
}

/** For programs that need a file extension. A video's is a promise; an image's type is not known before its output. */
function extensionOf({ mediaType, outputs }: FileOwner, index: number): string {
  if (mediaType === "video") return ".mp4";
  const output = outputs[index];
  return output?.kind === "stored" ? extname(output.key) : "";
}

const suffix = (extension: string): string => (extension === "" ? "" : `.${extension}`);

const pathOf = ({ organization, id }: RequestRef, index: FileRef["index"]): string => `${organization}/${id}/${index}`;

const FILE_NAME = new RegExp(`^(\\d{1,4}|in-\\d{1,3}|${WORDS.join("|")})(?:\\.\\w{1,8})?$`);

/** The index, name or word in the last part of a path; NaN for none. */
export function indexIn(name: string): FileRef["index"] {
  const [, stem = ""] = FILE_NAME.exec(name) ?? [];
  if (stem.startsWith("in-")) return stem as InputName;
  return WORDS.find((word) => word === stem) ?? Number(stem || Number.NaN);
}

export const isInputName = (index: FileRef["index"]): index is InputName =>
  typeof index === "string" && index.startsWith("in-");

/** The number of an input by its name. */
export const inputNumber = (name: InputName): number => Number(name.slice("in-".length));

/** The last part is as above. It may begin with the path of PUBLIC_URL. */
const FILE_PATH = new RegExp(`${FILES_PATH}/([^/]+)/([^/]+)/([^/]+)$`);

function read(text: string): SignedFile | null {
  const url = parseUrl(text);
  if (url === null) return null;
  const { origin, protocol, pathname, searchParams } = url;
  const [, organization, id, name = ""] = FILE_PATH.exec(pathname) ?? [];
  const index = indexIn(name);
  if (organization === undefined || id === undefined || Number.isNaN(index) || !/^https?:$/.test(protocol)) return null;
  const expires = Number(searchParams.get("expires") ?? Number.NaN);
  return {
    origin,
    file: { organization, id, index } as FileRef,
    expires,
    signature: searchParams.get("signature") ?? "",
  };
}
