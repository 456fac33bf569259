import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readJson } from "../files.mjs";
import { inRoot } from "../paths.mjs";
import { runOrFail } from "../processes/run.mjs";

const LOCK = inRoot("package-lock.json");
const STAMP = inRoot("node_modules/.visgate-install");

/** @param {string} text */
const hashOf = (text) => createHash("sha256").update(text).digest("hex");

/** Whether node_modules matches package-lock.json, by our stamp or by npm's own record of the installed tree. */
export function isInstalled() {
  if (!existsSync(inRoot("node_modules"))) return false;
  const wanted = hashOf(readFileSync(LOCK, "utf8"));
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return true;
  if (!treeMatchesLock()) return false;
  writeFileSync(STAMP, wanted);
  return true;
}

/** npm records what it installed in node_modules/.package-lock.json, without optional packages of other platforms. */
function treeMatchesLock() {
  const installed = readJson(inRoot("node_modules/.package-lock.json"))?.["packages"];
  if (!installed) return false;
  const { "": _root, ...wanted } = readJson(LOCK)?.["packages"] ?? {};
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path];
    return found ? found.version === entry.version && found.integrity === entry.integrity : Boolean(entry.optional);
  });
}

/**
 * Runs `npm ci`. `--include=dev`: with NODE_ENV=production npm would leave out the packages that the build needs.
 * @param {{ logFile?: string | undefined, signal?: AbortSignal | undefined }} [options]
 */
export async function install({ logFile, signal } = {}) {
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const { env } = process;
  const npm = env["npm_execpath"]; // the npm that runs this script, if any
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const failure = "Installing the dependencies failed: check the network, then run `npm ci` by hand to see why";
  await runOrFail(failure, command, [...first, ...args], { logFile, signal });
  writeFileSync(STAMP, hashOf(readFileSync(LOCK, "utf8")));
}
