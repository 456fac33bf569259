/** The providers as the launcher needs them, from each one's `provider.json`: read before anything is built. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";

/**
 * What provider.json says, as far as it matters here (packages/shared/src/catalogue/manifest.ts has all of it).
 * @typedef {{
 *   name: string, title: string, keyVariable: string, baseUrlVariable: string, callerKeyHeader: string | null,
 *   reports: boolean, presetModel: string | null, simulatorPath: string,
 *   urls: Record<string, { variable: string, simulatorPath: string }>,
 * }} Provider
 */

const FOLDER = inRoot("packages/providers/src");

/** In the order of their names. @type {readonly Provider[]} */
export const PROVIDERS = readdirSync(FOLDER)
  .toSorted()
  .map((name) => join(FOLDER, name, "provider.json"))
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, "utf8")));

/** What examples show: the first provider's, as the CLI does. */
export const EXAMPLE = PROVIDERS.flatMap(({ name, keyVariable, presetModel }) =>
  presetModel === null ? [] : [{ provider: name, keyVariable, model: presetModel }],
)[0] ?? { provider: "", keyVariable: "", model: "" };

/**
 * Providers without a key or a base URL of their own are simulated.
 * @param {Record<string, string>} env
 */
export function splitProviders(env) {
  const isReal = (/** @type {Provider} */ { keyVariable, baseUrlVariable }) =>
    Boolean(env[keyVariable] || env[baseUrlVariable]);
  return { real: PROVIDERS.filter(isReal), simulated: PROVIDERS.filter((provider) => !isReal(provider)) };
}

/**
 * The variables that point the given providers at the simulator.
 * @param {readonly Provider[]} simulated
 * @param {string} simulatorUrl
 * @returns {Record<string, string>}
 */
export function simulatedEnv(simulated, simulatorUrl) {
  return Object.fromEntries(
    simulated.flatMap(({ keyVariable, baseUrlVariable, simulatorPath, urls }) => [
      [keyVariable, "simulator"],
      [baseUrlVariable, simulatorUrl + simulatorPath],
      ...Object.values(urls).map((further) => [further.variable, simulatorUrl + further.simulatorPath]),
    ]),
  );
}
