/** The output store on disk: temporary file, fsync, rename, fsync of the folder. No reader ever sees half a file. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { CALLER_FILES, type OutputStore, SHORT_LIVED, type StoredFile } from "./store.js";

/** Files that are being written are not beside their target, so that those of a dead process are found quickly. */
const INCOMING = ".incoming";

export function createDiskStore(root: string): OutputStore {
  const base = path.resolve(root);
  const locate = (key: string): string => {
    const file = path.resolve(base, key);
    if (!file.startsWith(base + path.sep)) throw new Error("The key leads outside of the output store.");
    return file;
  };

  return {
    async put(key, source) {
      const file = locate(key);
      const temporary = path.join(base, INCOMING, randomUUID());
      const made = await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await mkdir(path.dirname(temporary), { recursive: true, mode: 0o700 });
      try {
        const stored = await writeAll(temporary, source);
        await rename(temporary, file);
        await syncFolders(path.dirname(file), path.dirname(made ?? file));
        return stored;
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },

    async open(key) {
      const file = locate(key);
      const found = await stat(file).catch(nullIfAbsent);
      if (found === null || !found.isFile()) return null;
      return { totalBytes: found.size, stream: (range) => createReadStream(file, range ?? {}) };
    },

    async removeAll(prefix) {
      await rm(locate(prefix), { recursive: true, force: true });
    },

    async removeLeftovers(before) {
      for (const folder of [INCOMING, ...SHORT_LIVED]) await removeOld(path.join(base, folder), before);
    },

    async removeCallerFiles(before) {
      await removeOld(path.join(base, CALLER_FILES), before);
    },

    async freeBytes() {
      const { bavail, bsize } = await statfs(base);
      return bavail * bsize;
    },

    presign: async () => null,
  };
}

/** A file that is being written was changed a moment ago. Should its writer still live, its put fails and is retried. */
async function removeOld(folder: string, before: number): Promise<void> {
  for (const name of (await readdir(folder).catch(nullIfAbsent)) ?? []) {
    const entry = path.join(folder, name);
    const found = await stat(entry).catch(nullIfAbsent);
    if (found !== null && found.mtimeMs < before) await rm(entry, { recursive: true, force: true });
  }
}

function nullIfAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}

/** A rename survives a power cut only when its folder is on disk too, and each new folder above it, up to `last`. */
async function syncFolders(folder: string, last: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (folder !== last) await syncFolders(path.dirname(folder), last);
}

async function writeAll(file: string, source: AsyncIterable<Uint8Array>): Promise<StoredFile> {
  const handle = await open(file, "wx", 0o600);
  try {
    return await pour(handle, source);
  } finally {
    await handle.close();
  }
}

async function pour(handle: FileHandle, source: AsyncIterable<Uint8Array>): Promise<StoredFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    await handle.writeFile(chunk);
    bytes += chunk.byteLength;
  }
  await handle.sync();
  return { bytes, sha256: hash.digest("hex") };
}
