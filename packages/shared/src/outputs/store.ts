/** The port of the output store, which keeps media files. Keys are relative paths. */
import { posix } from "node:path";
import type { Readable } from "node:stream";

export interface StoredFile {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

export interface OpenedFile {
  totalBytes: number;
  stream(range?: { start: number; end: number }): Readable;
}

/** How the store itself serves a file. */
export interface Presigning {
  expiresSeconds: number;
  contentType: string;
  /** Letters, digits, `.`, `-` and `_`. */
  filename: string;
  /** The time of the signature (ms since the epoch), from which on the URL is valid. */
  signedAt: number;
}

export interface OutputStore {
  /** Stores all of `source` under `key`, or nothing. An existing file is replaced in one step. */
  put(key: string, source: AsyncIterable<Uint8Array>): Promise<StoredFile>;
  /** Null when there is no such file. */
  open(key: string): Promise<OpenedFile | null>;
  /** Removes everything below `prefix`. */
  removeAll(prefix: string): Promise<void>;
  /** Removes what dead puts and probes left, from before `before` (milliseconds since the epoch). */
  removeLeftovers(before: number): Promise<void>;
  /** Removes the files that callers uploaded before `before`. */
  removeCallerFiles(before: number): Promise<void>;
  /** The free space in bytes; null when the store does not know. */
  freeBytes(): Promise<number | null>;
  /** A temporary URL at which the store itself serves the file; null when it cannot or is not to, and the API serves it. */
  presign(key: string, options: Presigning): Promise<string | null>;
}

// The keys. Inputs and outputs of a request have a folder each, because they are removed at different times: an input
// with its request, an output after the last request that shows it.

export const inputFolder = (id: string) => `in/${id}`;
export const outputFolder = (id: string) => `out/${id}`;

/** `folder`: as the trash has it, within the organization. */
export const folderOf = (organization: string, folder: string) => `${organization}/${folder}`;

/** Whether a key in a bucket, which other programs may use too, is one of those below. */
export const isMediaKey = (key: string): boolean =>
  /^[^/]+\/(in|out)\/[^/]+\/[^/]+$/.test(key) || key.startsWith(`${CALLER_FILES}/`);

/** The folder of files that only check whether the store works. */
export const PROBES = ".probe";

/**
 * The folder of files that callers uploaded to name them in later calls. Such a call makes a copy of its own. Not
 * `.uploads`, which SeaweedFS uses for itself and does not list.
 */
export const CALLER_FILES = ".caller-files";
export const callerFolder = (id: string) => `${CALLER_FILES}/${id}`;
export const callerFileKey = (id: string) => `${callerFolder(id)}/file`;
/** What is known of the file, as JSON. It is written last, so a file without it is not whole. */
export const callerAboutKey = (id: string) => `${callerFolder(id)}/about.json`;

/** What is here is removed when it is old. The second one is that of an earlier version. */
export const SHORT_LIVED = [PROBES, ".caller-uploads"];

/** `index`: 0 for the first image, which has had this key since there was one input only. */
export const inputKey = (organization: string, id: string, extension: string, index = 0) =>
  folderOf(organization, `${inputFolder(id)}/input${index === 0 ? "" : `-${index}`}.${extension}`);

/** The poster of a request is that of its first output, and is removed with it. */
export const posterKeyOf = (outputKey: string) => `${posix.dirname(outputKey)}/poster.jpg`;

export const outputKey = (organization: string, id: string, index: number, extension: string) =>
  folderOf(organization, `${outputFolder(id)}/${index}.${extension}`);
