/**
 * launcher.json: what the launcher generated at the first start and needs at every later one. With another secret,
 * earlier requests could not be read; with another API key, callers would lose access.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJson, writePrivateJson } from "../files.mjs";

/**
 * @typedef {{
 *   apiKey: string, secret: string, redisPassword: string,
 *   redisPort?: number | undefined, simulatorPort?: number | undefined, receiverPort?: number | undefined,
 * }} LauncherState
 */

/** @param {string} dataDir */
const fileOf = (dataDir) => join(dataDir, "launcher.json");

/** Reads the file and generates what it does not contain. @param {string} dataDir @returns {LauncherState} */
export function loadLauncherState(dataDir) {
  const state = { ...generateSecrets(), ...(readJson(fileOf(dataDir)) ?? {}) };
  saveLauncherState(dataDir, state);
  return state;
}

/** @param {string} dataDir @param {LauncherState} state */
export const saveLauncherState = (dataDir, state) => writePrivateJson(fileOf(dataDir), state);

/** @returns {LauncherState} */
function generateSecrets() {
  return {
    apiKey: `vg-${randomBytes(32).toString("base64url")}`,
    secret: randomBytes(32).toString("hex"),
    redisPassword: randomBytes(24).toString("hex"),
  };
}
