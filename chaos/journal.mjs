/** Logs outside the system: one JSON line per event, written before the event counts. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ at: number } & Record<string, any>} Entry */
/** @typedef {ReturnType<typeof openJournals>} Journals */

/** The logs of one run: each name is a file of its own. @param {string} dir */
export function openJournals(dir) {
  const fileOf = (/** @type {string} */ name) => join(dir, `${name}.jsonl`);
  return {
    /** @param {string} name @param {object} entry */
    write: (name, entry) => appendFileSync(fileOf(name), `${JSON.stringify({ at: Date.now(), ...entry })}\n`),
    /** @param {string} name @returns {Entry[]} */
    read(name) {
      if (!existsSync(fileOf(name))) return [];
      return readFileSync(fileOf(name), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    },
  };
}
