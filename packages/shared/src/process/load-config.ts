/** Parses the environment or ends the process, with one line per fault. */
import { type Config, parseConfig } from "../config.js";

export function loadConfigOrExit(env: Record<string, string | undefined>): Config {
  try {
    return parseConfig(env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
