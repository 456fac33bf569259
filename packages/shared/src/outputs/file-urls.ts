/** Signed URLs of stored files: whoever has one may read that one file until it is pruned. */
import type { Secrets } from "../secrets.js";

export const FILES_PATH = "/api/v1/files";
const DAY_SECONDS = 86_400;

export interface FileUrls {
  /** `since`: ms, when the file's retention began; the same file always has the same URL. */
  urlOf(key: string, since: number): string;
}

export function createFileUrls(options: { base: string; secrets: Secrets; retentionDays: number }): FileUrls {
  return {
    urlOf(key, since) {
      const expires = Math.ceil(since / 1000 + options.retentionDays * DAY_SECONDS);
      const signature = options.secrets.signFile(key, expires);
      return `${options.base}${FILES_PATH}/${key}?expires=${expires}&signature=${signature}`;
    },
  };
}
