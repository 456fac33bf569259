/**
 * Signed URLs of outputs. With a URL one output of one request can be read until it is pruned. The URL is known as soon
 * as the request is accepted, and does not show where the file is stored.
 */
import type { RequestRecord, RequestRef } from "../request/record.js";
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

export interface FileUrls {
  /** An output always has the same URL. */
  urlOf(record: Pick<RequestRecord, "organization" | "id" | "mediaType" | "createdAt">, index: number): string;
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
      // For players that need a file extension. An image's is not known before the output; its headers have the type.
      const extension = record.mediaType === "video" ? ".mp4" : "";
      return `${base}${FILES_PATH}/${path}${extension}?expires=${expires}&signature=${secrets.signFile(path, expires)}`;
    },
    read,
    signatureMatches: (output, expires, signature) =>
      secrets.fileSignatureMatches(pathOf(output, output.index), expires, signature),
  };
}

const pathOf = ({ organization, id }: RequestRef, index: number): string => `${organization}/${id}/${index}`;

/** The last part is the output's index and an optional extension. The path may begin with that of PUBLIC_URL. */
const FILE_PATH = new RegExp(`${FILES_PATH}/([^/]+)/([^/]+)/(\\d{1,4})(?:\\.\\w{1,8})?$`);

function read(text: string): SignedFile | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, pathname, searchParams } = new URL(text);
  const [, organization, id, index] = FILE_PATH.exec(pathname) ?? [];
  if (organization === undefined || id === undefined || !/^https?:$/.test(protocol)) return null;
  const expires = Number(searchParams.get("expires") ?? Number.NaN);
  const output = { organization, id, index: Number(index) };
  return { origin, output, expires, signature: searchParams.get("signature") ?? "" };
}
