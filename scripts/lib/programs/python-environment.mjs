/**
 * Virtual environments of Python in node_modules/.cache, each created once for each version of its requirements and of
 * Python. Tools in them are called as `python -m`.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../failure.mjs";
import { inRoot } from "../paths.mjs";
import { runOrFail } from "../processes/run.mjs";
import { silent } from "../progress.mjs";

/**
 * `minor`: the oldest Python 3 that it works with. `failure`: what to say when it cannot be created. `complete` adds to
 * an environment what pip does not install.
 * @typedef {{
 *   name: string, title: string, requirements: string, minor: number, failure: string,
 *   complete?: (home: string) => void,
 * }} Environment
 * @typedef {{
 *   report?: import("../progress.mjs").Report, logFile?: string | undefined, env?: NodeJS.ProcessEnv,
 * }} FindOptions
 */

/**
 * The path of the environment's interpreter. The variable PYTHON names the interpreter that creates the environment.
 * @param {Environment} environment @param {FindOptions} [options]
 * @returns {Promise<string>}
 */
export async function findEnvironment(environment, { report = silent, logFile, env = process.env } = {}) {
  const python = env["PYTHON"] || "python3";
  const version = await versionOf(python, environment);
  const home = inRoot("node_modules/.cache/visgate", `${environment.name}-${fingerprint(environment, version)}`);
  if (!existsSync(home))
    await report.step(environment.title, () => installInto(home, environment, { python, logFile }));
  return join(home, "bin/python");
}

/**
 * An environment works only with the Python that created it; an upgraded Python gets a new one.
 * @param {string} python @param {Environment} environment
 */
async function versionOf(python, { minor, failure }) {
  const program = `import sys; assert sys.version_info >= (3, ${minor}); print(sys.executable, sys.version)`;
  const { stdout } = await promisify(execFile)(python, ["-c", program]).catch((error) => {
    throw new StartError(failure, { cause: error });
  });
  return stdout;
}

/** @param {Environment} environment @param {string} version */
function fingerprint({ requirements }, version) {
  return createHash("sha256").update(version).update(readFileSync(requirements)).digest("hex").slice(0, 12);
}

/**
 * Renamed when complete, so that nobody uses half of it. The interpreter is a link and survives the move; the scripts
 * in bin/ do not.
 * @param {string} home @param {Environment} environment
 * @param {{ python: string, logFile: string | undefined }} options
 */
async function installInto(home, { requirements, failure, complete }, { python, logFile }) {
  const dir = `${home}.${process.pid}`;
  mkdirSync(dir, { recursive: true });
  try {
    await runOrFail(failure, python, ["-m", "venv", dir], { logFile });
    const quietly = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"];
    await runOrFail(failure, join(dir, "bin/python"), ["-m", "pip", "install", ...quietly, "-r", requirements], {
      logFile,
    });
    complete?.(dir);
    renameSync(dir, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
