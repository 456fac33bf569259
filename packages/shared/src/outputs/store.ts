/** The port of the output store: where media lives that Redis must not hold. Keys are relative paths. */
import type { Readable } from "node:stream";

export interface StoredFile {
  bytes: number;
  /** Hex. */
  sha256: string;
}

export interface OpenedFile {
  totalBytes: number;
  stream(range?: { start: number; end: number }): Readable;
}

/** How a file is handed out by the store itself. */
export interface Presigning {
  expiresSeconds: number;
  contentType: string;
  /** Letters, digits, `.`, `-` and `_`. */
  filename: string;
}

export interface OutputStore {
  /** Keeps all of `source` under `key` or nothing; a file under that key is replaced at once, never half. */
  put(key: string, source: AsyncIterable<Uint8Array>): Promise<StoredFile>;
  /** Null when there is no such file. */
  open(key: string): Promise<OpenedFile | null>;
  /** Forgets everything below `prefix`. */
  removeAll(prefix: string): Promise<void>;
  /** A URL under which the store itself hands out the file for a while; null when it cannot, and we do. */
  presign(key: string, options: Presigning): Promise<string | null>;
}
