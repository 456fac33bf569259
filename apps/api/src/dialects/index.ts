/** The dialects of this server. */
import { aiGateway } from "./ai-gateway/dialect.js";
import type { Dialect } from "./dialect.js";
import { fal } from "./fal/dialect.js";
import { openai } from "./openai/dialect.js";
import { replicate } from "./replicate/dialect.js";
import { runway } from "./runway/dialect.js";

export const DIALECTS: readonly Dialect[] = [openai, fal, replicate, runway, aiGateway];

/** Ends the process when CACHING_DIALECTS names something else. */
export function cachingDialectsOrExit(names: readonly string[]): readonly string[] {
  const known = DIALECTS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  process.stderr.write(`CACHING_DIALECTS: has names that are not of ${known.join(", ")}\n`);
  process.exit(1);
}
