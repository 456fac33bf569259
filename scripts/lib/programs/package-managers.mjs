/** Programs of the system: found on PATH, else installed with apt or brew if that needs no password. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run, runOrFail } from "../processes/run.mjs";
import { silent } from "../progress.mjs";

const BREW_DIRS = ["/opt/homebrew/bin", "/usr/local/bin", "/home/linuxbrew/.linuxbrew/bin"];

/**
 * $1 is the package. Debian starts the service of a package at once and at every boot, but we need only the program. A
 * temporary policy-rc.d forbids the start (an existing one is not changed), and the unit of the package is disabled.
 */
const APT_SCRIPT = `
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get -o DPkg::Lock::Timeout=60 update || echo "apt-get update failed; trying with the lists that are here"
apt-get -o DPkg::Lock::Timeout=60 install -y --no-install-recommends "$1"
unit="/lib/systemd/system/$1.service"
if [ -e "$unit" ] && command -v systemctl >/dev/null; then systemctl disable "$1" || true; fi
`;

/**
 * `failure` says what to do when the installation fails; it follows "Installing … failed: ".
 * @typedef {{ apt: string, brew: string[], failure: string }} Package
 * @typedef {{
 *   report?: import("../progress.mjs").Report, logFile?: string | undefined, env?: NodeJS.ProcessEnv,
 *   signal?: AbortSignal | undefined,
 * }} InstallOptions
 */

/**
 * Installs a package with the package manager of this system. False when no package manager may be used.
 * @param {Package} wanted `brew`: the arguments of `brew install`
 * @param {InstallOptions} [options]
 * @returns {Promise<string | false>} the name of the package manager
 */
export async function installPackage(wanted, { report = silent, logFile, env = process.env, signal } = {}) {
  const installer = await findInstaller(wanted, env);
  if (!installer) return false;
  const { name, command, args } = installer;
  const options = { logFile, env: { ...env, HOMEBREW_NO_AUTO_UPDATE: "1" }, signal };
  const failure = `Installing ${wanted.apt} with ${name} failed: ${wanted.failure}`;
  await report.step(`Installing ${wanted.apt} with ${name}`, () => runOrFail(failure, command, args, options));
  return name;
}

/** @param {Package} wanted @param {NodeJS.ProcessEnv} env */
async function findInstaller(wanted, env) {
  if (onPath(["apt-get"], env)) {
    const script = ["/bin/sh", "-c", APT_SCRIPT, "sh", wanted.apt];
    if (process.getuid?.() === 0) return { name: "apt", command: "/bin/sh", args: script.slice(1) };
    const mayBeRoot =
      onPath(["sudo"], env) && (await run("sudo", ["-n", "true"], { env, logFile: "/dev/null" })).code === 0;
    if (mayBeRoot) return { name: "sudo apt", command: "sudo", args: ["-n", ...script] };
  }
  const brew = onPath(["brew"], env) ?? onPath(["brew"], { PATH: BREW_DIRS.join(delimiter) });
  return brew ? { name: "brew", command: brew, args: ["install", ...wanted.brew] } : undefined;
}

/** Also looks where package managers install programs outside PATH. @param {string[]} names */
export function justInstalled(names, env = process.env) {
  return onPath(names, env) ?? onPath(names, { PATH: ["/usr/bin", ...BREW_DIRS].join(delimiter) });
}

/** @param {string[]} names the first one found wins @param {NodeJS.ProcessEnv} env @returns {string | undefined} */
export function onPath(names, env) {
  const dirs = (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  return names.flatMap((name) => dirs.map((dir) => join(dir, name))).find(isExecutable);
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
