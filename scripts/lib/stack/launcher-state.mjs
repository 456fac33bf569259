import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJson, writePrivateJson } from "../files.mjs";

/**
 * What the launcher made up once and must find again at the next start: requests of yesterday stay readable only with
 * the same secret, and callers keep their key.
 * @typedef {{
 *   apiKey: string, secret: string, redisPassword: string,
 *   redisPort?: number | undefined, simulatorPort?: number | undefined, receiverPort?: number | undefined,
 * }} Kept
 */

/** @param {string} dataDir */
const fileOf = (dataDir) => join(dataDir, "launcher.json");

/** @param {string} dataDir @returns {Kept} */
export function loadKept(dataDir) {
  const found = readJson(fileOf(dataDir)) ?? {};
  const kept = { ...madeUp(), ...found };
  writePrivateJson(fileOf(dataDir), kept);
  return kept;
}

/** @param {string} dataDir @param {Kept} kept */
export const saveKept = (dataDir, kept) => writePrivateJson(fileOf(dataDir), kept);

/** @returns {Kept} */
function madeUp() {
  return {
    apiKey: `vg-${randomBytes(32).toString("base64url")}`,
    secret: randomBytes(32).toString("hex"),
    redisPassword: randomBytes(24).toString("hex"),
  };
}
