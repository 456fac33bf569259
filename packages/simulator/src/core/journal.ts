import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * An append-only file of JSON lines. `append` resolves when its line is on disk. Lines that arrive during a write share
 * the next one, so that two hundred submits cost a few fsyncs and not two hundred.
 */
export interface Journal<E> {
  append(event: E): Promise<void>;
  close(): Promise<void>;
}

/** Skips a line cut off by a kill: `append` never resolved for it, so no caller knows of its event. */
export async function readJournal<E>(path: string): Promise<E[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text.split("\n").flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as E] : [];
    } catch {
      return [];
    }
  });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path));
  await directory.sync().finally(() => directory.close());
}

async function rewrite(path: string, events: readonly unknown[]): Promise<void> {
  const aside = await open(`${path}.new`, "w");
  await aside.writeFile(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  await aside.sync().finally(() => aside.close());
  await rename(`${path}.new`, path);
  await syncDirectory(path);
}

/** Replaces the file by one that holds only `kept`, atomically, and appends to it. */
export async function openJournal<E>(path: string, kept: readonly E[]): Promise<Journal<E>> {
  await rewrite(path, kept);
  const file: FileHandle = await open(path, "a");
  let lines: string[] = [];
  let writing: Promise<void> | null = null;
  let queued: Promise<void> | null = null;

  async function flush(): Promise<void> {
    const batch = lines;
    lines = [];
    await file.appendFile(batch.join(""));
    await file.datasync();
  }

  function next(): Promise<void> {
    queued ??= (writing ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        queued = null;
        writing = flush();
        return writing;
      });
    return queued;
  }

  return {
    append(event) {
      lines.push(`${JSON.stringify(event)}\n`);
      return next();
    },
    async close() {
      await next();
      await file.close();
    },
  };
}
