/** Parses what a process is started with, or ends it with one line per fault. */
import { type Catalogue, loadCatalogue, type ModelSource } from "../../catalogue/catalogue.js";
import { type Config, parseConfig } from "../config.js";
import type { Env, ProviderSource } from "../provider-config.js";

export interface Loaded {
  config: Config;
  catalogue: Catalogue;
}

export function loadOrExit(env: Env, providers: readonly (ProviderSource & ModelSource)[]): Loaded {
  try {
    const config = parseConfig(env, providers);
    return { config, catalogue: loadCatalogue({ sources: providers, file: config.CATALOGUE_FILE }) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
