/** Parses what a process is started with, or ends it with one line per fault. */
import { type Catalogue, loadCatalogue } from "../catalogue/catalogue.js";
import { type Config, parseConfig } from "../config.js";

export function loadConfigOrExit(env: Record<string, string | undefined>): Config {
  return orExit(() => parseConfig(env));
}

export function loadCatalogueOrExit({ CATALOGUE_FILE }: Config): Catalogue {
  return orExit(() => loadCatalogue({ file: CATALOGUE_FILE }));
}

function orExit<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
