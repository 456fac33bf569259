import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ImageSource, MediaError, sha256 } from "./spec.js";

const FETCH_TIMEOUT_MS = 15_000;
const MAX_BYTES = 32 * 1024 * 1024;
const DATA_URI = /^data:[^,]*?(;base64)?,/i;

export interface StoredImage {
  sha256: string;
  path: string;
}

/** The pictures of callers, stored under the hash of their bytes. */
export interface Inputs {
  /** Resolves to the hash of the bytes when they are on disk. */
  keep(bytes: Buffer): Promise<string>;
  read(sha256: string): Promise<Buffer>;
  /** Null when `uri` is not a data URI. */
  keepDataUri(uri: string): Promise<ImageSource | null>;
  load(source: ImageSource): Promise<StoredImage>;
  /** Removes every picture whose hash is not in `kept`. */
  prune(kept: ReadonlySet<string>): Promise<void>;
}

export function bytesOfDataUri(uri: string): Buffer | null {
  const head = DATA_URI.exec(uri);
  if (!head) return null;
  const payload = uri.slice(head[0].length);
  if (head[1]) return Buffer.from(payload, "base64");
  try {
    return Buffer.from(decodeURIComponent(payload));
  } catch {
    return Buffer.from(payload);
  }
}

async function download(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new MediaError("download", `could not download the picture: ${String(error)}`);
  }
}

/** Runs `work`, or waits for the run of the same key that is already under way. */
export type SingleFlight = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createSingleFlight(): SingleFlight {
  const underWay = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const running = underWay.get(key);
    if (running) return running as Promise<T>;
    const started = work().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}

export async function openInputs(dir: string, newId: () => string, singleFlight: SingleFlight): Promise<Inputs> {
  await mkdir(dir, { recursive: true });

  const stored = (hash: string): StoredImage => ({ sha256: hash, path: join(dir, hash) });

  async function keep(bytes: Buffer): Promise<string> {
    const hash = sha256(bytes);
    const { path } = stored(hash);
    if (existsSync(path)) return hash;
    const aside = `${path}.${newId()}.part`;
    await writeFile(aside, bytes);
    await rename(aside, path);
    return hash;
  }

  return {
    keep,
    read: (hash) => readFile(stored(hash).path),
    async keepDataUri(uri) {
      const bytes = bytesOfDataUri(uri);
      return bytes && { from: "stored", sha256: await keep(bytes) };
    },
    async load(source) {
      if (source.from === "stored") return stored(source.sha256);
      return singleFlight(`fetch ${source.url}`, async () => stored(await keep(await download(source.url))));
    },
    async prune(kept) {
      const names = await readdir(dir);
      await Promise.all(names.filter((name) => !kept.has(name)).map((name) => rm(join(dir, name), { force: true })));
    },
  };
}
