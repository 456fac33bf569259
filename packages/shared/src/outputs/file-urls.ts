/**
 * Signed URLs of outputs: whoever has one may read that one output of that one request until it is pruned. It is known
 * from the moment a request is accepted, and says nothing of where the file lies.
 */
import type { RequestRecord, RequestRef } from "../request/record.js";
import type { Secrets } from "../runtime/secrets.js";

export const FILES_PATH = "/api/v1/files";
const DAY_SECONDS = 86_400;

export interface OutputRef extends RequestRef {
  index: number;
}

export interface FileUrls {
  /** The same output always has the same URL. */
  urlOf(record: Pick<RequestRecord, "organization" | "id" | "mediaType" | "createdAt">, index: number): string;
  /** `expires`: seconds since the epoch. */
  signatureMatches(output: OutputRef, expires: number, signature: string): boolean;
}

export function createFileUrls(options: { base: string; secrets: Secrets; retentionDays: number }): FileUrls {
  const { base, secrets, retentionDays } = options;
  return {
    urlOf(record, index) {
      const path = pathOf(record, index);
      const expires = Math.ceil(record.createdAt / 1000 + retentionDays * DAY_SECONDS);
      // For players that go by a name's end, where it is known before the file is; what the file is, its headers say.
      const extension = record.mediaType === "video" ? ".mp4" : "";
      return `${base}${FILES_PATH}/${path}${extension}?expires=${expires}&signature=${secrets.signFile(path, expires)}`;
    },
    signatureMatches: (output, expires, signature) =>
      secrets.fileSignatureMatches(pathOf(output, output.index), expires, signature),
  };
}

const pathOf = ({ organization, id }: RequestRef, index: number): string => `${organization}/${id}/${index}`;
