/**
 * Signed URLs of outputs. With a URL one output of one request can be read until it is pruned. The URL is known as soon
 * as the request is accepted, and does not show where the file is stored.
 */

import { extname } from "node:path";
import { parseUrl } from "../parse-url.js";
import type { Output, RequestRecord, RequestRef } from "../request/record.js";
import type { Secrets } from "../runtime/secrets.js";

export const FILES_PATH = "/api/v1/files";
const DAY_SECONDS = 86_400;

export interface OutputRef extends RequestRef {
  index: number;
}

/** What a file URL says. Only its signature proves that this gateway made it. */
export interface SignedFile {
  /** Of the URL, which may be another one than ours: a gateway is reached under several names and ports. */
  origin: string;
  output: OutputRef;
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
  /** Null for a text that does not look like a file URL. */
  read(text: string): SignedFile | null;
  /** `expires`: seconds since the epoch. */
  signatureMatches(output: OutputRef, expires: number, signature: string): boolean;
}

export function createFileUrls(options: { base: string; secrets: Secrets; retentionDays: number }): FileUrls {
  const { base, secrets, retentionDays } = options;
  return {
    urlOf(record, index) {
      const path = pathOf(record, index);
      const expires = Math.ceil(record.createdAt / 1000 + retentionDays * DAY_SECONDS);
      return `${base}${FILES_PATH}/${path}${extensionOf(record, index)}?expires=${expires}&signature=${secrets.signFile(path, expires)}`;
    },
    read,
    signatureMatches: (output, expires, signature) =>
      secrets.fileSignatureMatches(pathOf(output, output.index), expires, signature),
  };
}

/** For programs that need a file extension. A video's is a promise; an image's type is not known before its output. */
function extensionOf({ mediaType, outputs }: FileOwner, index: number): string {
  if (mediaType === "video") return ".mp4";
  const output = outputs[index];
  return output?.kind === "stored" ? extname(output.key) : "";
}

const pathOf = ({ organization, id }: RequestRef, index: number): string => `${organization}/${id}/${index}`;

/** The last part is the output's index and an optional extension. The path may begin with that of PUBLIC_URL. */
const FILE_PATH = new RegExp(`${FILES_PATH}/([^/]+)/([^/]+)/(\\d{1,4})(?:\\.\\w{1,8})?$`);

function read(text: string): SignedFile | null {
  const url = parseUrl(text);
  if (url === null) return null;
  const { origin, protocol, pathname, searchParams } = url;
  const [, organization, id, index] = FILE_PATH.exec(pathname) ?? [];
  if (organization === undefined || id === undefined || !/^https?:$/.test(protocol)) return null;
  const expires = Number(searchParams.get("expires") ?? Number.NaN);
  const output = { organization, id, index: Number(index) };
  return { origin, output, expires, signature: searchParams.get("signature") ?? "" };
}
