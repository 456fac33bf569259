/** The providers, read from their `provider.json` files, because nothing may be built yet. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";

/**
 * The fields of provider.json that the launcher uses (packages/shared/src/catalogue/manifest.ts has all fields).
 * @typedef {{
 *   name: string, title: string, keyVariable: string, baseUrlVariable: string, callerKeyHeader: string | null,
 *   reports: boolean, settingsVariable?: string, defaultModel?: string,
 *   simulatorPath: string,
 *   urls: Record<string, { variable: string, simulatorPath: string }>,
 * }} Provider
 */

const FOLDER = inRoot("packages/providers/src");

/** Sorted by name. @type {readonly Provider[]} */
export const PROVIDERS = readdirSync(FOLDER)
  .toSorted()
  .map((name) => join(FOLDER, name, "provider.json"))
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, "utf8")));

/** The model in examples, which is the default of the CLI, and the key of its provider. */
export const EXAMPLE = PROVIDERS.flatMap(({ name, keyVariable, defaultModel: model }) =>
  model === undefined ? [] : [{ provider: name, keyVariable, model }],
)[0] ?? { provider: "", keyVariable: "", model: "" };

/**
 * A provider without a key and without a base URL is simulated.
 * @param {Record<string, string>} env
 */
export function splitProviders(env) {
  const isReal = (/** @type {Provider} */ { keyVariable, baseUrlVariable, settingsVariable = "" }) =>
    Boolean(env[keyVariable] || env[baseUrlVariable] || env[settingsVariable]);
  return { real: PROVIDERS.filter(isReal), simulated: PROVIDERS.filter((provider) => !isReal(provider)) };
}

/**
 * The variables that point the given providers to the simulator.
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
