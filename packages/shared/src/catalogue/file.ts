/** The operator's own models: a JSON file with a list of catalogue entries. */
import { readFileSync } from "node:fs";

/** The entries, not yet checked; throws with one line that says what is wrong with the file. */
export function readCatalogueFile(path: string): unknown[] {
  const text = read(path);
  const entries = parse(path, text);
  if (!Array.isArray(entries)) throw new Error(`CATALOGUE_FILE ${path} must hold a JSON list of models.`);
  return entries;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`CATALOGUE_FILE ${path} cannot be read: ${oneLine(error)}`);
  }
}

function parse(path: string, text: string): unknown {
  try {
    // An editor may have put a byte order mark in front.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error(`CATALOGUE_FILE ${path} is not JSON: ${oneLine(error)}`);
  }
}

const oneLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
