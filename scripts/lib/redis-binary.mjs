import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { StartError } from "./failure.mjs";
import { silent } from "./progress.mjs";
import { run, runOrFail } from "./run.mjs";

const PROGRAMS = ["redis-server", "valkey-server"];
const BREW_DIRS = ["/opt/homebrew/bin", "/usr/local/bin", "/home/linuxbrew/.linuxbrew/bin"];

/**
 * Debian starts a service when its package is installed, and at every boot. This one is only wanted as a program: a
 * policy-rc.d that says no (removed afterwards; an existing one is left alone), and the unit disabled if it is new.
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
apt-get -o DPkg::Lock::Timeout=60 install -y --no-install-recommends redis-server
if command -v systemctl >/dev/null; then systemctl disable redis-server || true; fi
`;

/**
 * The path of a Redis (or Valkey) server: on PATH, else installed with apt or brew when that is allowed and possible.
 * @param {{
 *   install: boolean, report?: import("./progress.mjs").Report, logFile?: string | undefined,
 *   env?: NodeJS.ProcessEnv, signal?: AbortSignal | undefined,
 * }} options
 * @returns {Promise<string>}
 */
export async function findRedisServer({ install, report = silent, logFile, env = process.env, signal }) {
  const found = onPath(PROGRAMS, env);
  if (found) return found;
  const installer = install ? await findInstaller(env) : undefined;
  if (!installer) throw missing("no redis-server or valkey-server was found on PATH");
  await report.step(`Installing redis-server with ${installer.name}`, () =>
    runOrFail(
      `Installing redis-server with ${installer.name} failed: install it by hand, or set REDIS_URL`,
      installer.command,
      installer.args,
      { logFile, env: { ...env, HOMEBREW_NO_AUTO_UPDATE: "1" }, signal },
    ),
  );
  const installed = onPath(PROGRAMS, env) ?? onPath(PROGRAMS, { PATH: ["/usr/bin", ...BREW_DIRS].join(delimiter) });
  if (!installed) throw missing(`${installer.name} installed Redis, but no redis-server was found`);
  return installed;
}

/** @param {NodeJS.ProcessEnv} env */
async function findInstaller(env) {
  if (onPath(["apt-get"], env)) {
    if (process.getuid?.() === 0) return { name: "apt", command: "/bin/sh", args: ["-c", APT_SCRIPT] };
    const mayBeRoot =
      onPath(["sudo"], env) && (await run("sudo", ["-n", "true"], { env, logFile: "/dev/null" })).code === 0;
    if (mayBeRoot) return { name: "sudo apt", command: "sudo", args: ["-n", "/bin/sh", "-c", APT_SCRIPT] };
  }
  const brew = onPath(["brew"], env) ?? onPath(["brew"], { PATH: BREW_DIRS.join(delimiter) });
  return brew ? { name: "brew", command: brew, args: ["install", "redis"] } : undefined;
}

/** @param {string} why */
function missing(why) {
  return new StartError(
    `Redis is needed and ${why}: install it, or run ` +
      "`docker run -d -p 127.0.0.1:6379:6379 redis:7 redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction` " +
      "and set REDIS_URL=redis://127.0.0.1:6379.",
  );
}

/** @param {string[]} names @param {NodeJS.ProcessEnv} env @returns {string | undefined} */
function onPath(names, env) {
  const dirs = (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  return names.flatMap((name) => dirs.map((dir) => join(dir, name))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
