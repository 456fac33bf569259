import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { messageOf, StartError } from "./failure.mjs";

const ROTATE_AT_BYTES = 20 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

/** Creates `dir` so that only this user can read it. @param {string} dir */
export function ensurePrivateDir(dir) {
  if (existsSync(dir)) return;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
}

/**
 * Writes a file that only this user can read. Renamed when complete, so that no reader and no crash sees half a file.
 * @param {string} file @param {string} text
 */
export function writePrivate(file, text) {
  ensurePrivateDir(dirname(file));
  const temporary = `${file}.${randomBytes(4).toString("hex")}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}

/** @param {string} file @returns {Record<string, any> | undefined} undefined when the file does not exist */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw new StartError(`${file} cannot be read (${messageOf(error)}): repair the file or move it away.`, {
      cause: error,
    });
  }
}

/** @param {string} file @param {unknown} value */
export const writePrivateJson = (file, value) => writePrivate(file, `${JSON.stringify(value, null, 2)}\n`);

/** @param {string} file @returns {number} bytes; 0 when the file does not exist */
export const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * The last lines of a log.
 * @param {string} file
 * @param {number} [from] skip this many bytes, which earlier runs wrote
 */
export function tailOf(file, from = 0, lines = 25) {
  if (!existsSync(file)) return "";
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.max(0, Math.min(size - from, TAIL_BYTES)));
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString("utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } finally {
    closeSync(fd);
  }
}

/** Renames a log of more than 20 MB: `api.log` replaces `api.log.1`. @param {string} file */
export function rotateLog(file) {
  if (sizeOf(file) > ROTATE_AT_BYTES) renameSync(file, `${file}.1`);
}
