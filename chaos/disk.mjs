/** A small disk of its own for the outputs, so that it can be filled. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SIZE_MB = 1024;
const CHUNK = Buffer.alloc(8 * 1024 * 1024);

/** @typedef {ReturnType<typeof openDisk>} Disk */

/** Mounts a tmpfs at `dir`. Only root may do that: for others `isReal` is false, and the disk is never full. @param {string} dir */
export function openDisk(dir) {
  mkdirSync(dir, { recursive: true });
  const isReal = mount(dir);
  const unmount = () => void execFileSync("umount", ["--lazy", dir]);
  if (isReal) process.once("exit", unmount); // also after Ctrl-C
  const filler = join(dir, "filler");
  return {
    isReal,
    /** Leaves no byte free for `ms`. @param {number} ms */
    async fill(ms) {
      if (!isReal) return;
      writeUntilFull(filler);
      await sleep(ms);
      rmSync(filler, { force: true });
    },
    close() {
      if (!isReal) return;
      process.off("exit", unmount);
      unmount();
    },
  };
}

/** @param {string} dir */
function mount(dir) {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE_MB}m`, "tmpfs", dir], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} file */
function writeUntilFull(file) {
  const fd = openSync(file, "w");
  try {
    for (let size = CHUNK.length; size >= 4096; ) {
      try {
        if (writeSync(fd, CHUNK, 0, size) < size) size >>= 1;
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOSPC") throw error;
        size >>= 1;
      }
    }
  } finally {
    closeSync(fd);
  }
}
