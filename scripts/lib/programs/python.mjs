/**
 * A Python with the packages that check, test and build sdks/python: a virtual environment in node_modules/.cache,
 * created once for each version of the requirements. The SDK itself is imported from its sources.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../failure.mjs";
import { inRoot } from "../paths.mjs";
import { runOrFail } from "../processes/run.mjs";
import { silent } from "../progress.mjs";

export const PYTHON_SDK = inRoot("sdks/python");
const REQUIREMENTS = join(PYTHON_SDK, "requirements-dev.txt");
const FAILURE =
  "The tests of the Python SDK need Python 3.9 or later with venv and pip, as `python3` on PATH, or in PYTHON";

/**
 * The path of the environment's interpreter. The variable PYTHON names the interpreter that creates the environment.
 * @param {{
 *   report?: import("../progress.mjs").Report, logFile?: string | undefined, env?: NodeJS.ProcessEnv,
 * }} [options]
 * @returns {Promise<string>}
 */
export async function findPython({ report = silent, logFile, env = process.env } = {}) {
  const python = env["PYTHON"] || "python3";
  const home = inRoot("node_modules/.cache/visgate", `python-${fingerprint(await versionOf(python))}`);
  if (!existsSync(home)) {
    await report.step("Installing the test packages of the Python SDK", () => installInto(home, { python, logFile }));
  }
  return join(home, "bin/python");
}

/**
 * An environment works only with the Python that created it; an upgraded Python gets a new one.
 * @param {string} python
 */
async function versionOf(python) {
  const program = "import sys; assert sys.version_info >= (3, 9); print(sys.executable, sys.version)";
  const { stdout } = await promisify(execFile)(python, ["-c", program]).catch((error) => {
    throw new StartError(FAILURE, { cause: error });
  });
  return stdout;
}

/** @param {string} version */
function fingerprint(version) {
  return createHash("sha256").update(version).update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
}

/**
 * Renamed when complete, so that nobody uses half of it. The interpreter is a link and survives the move; the scripts
 * in bin/ do not, so tools are called as `python -m`.
 * @param {string} home @param {{ python: string, logFile: string | undefined }} options
 */
async function installInto(home, { python, logFile }) {
  const dir = `${home}.${process.pid}`;
  mkdirSync(dir, { recursive: true });
  try {
    await runOrFail(FAILURE, python, ["-m", "venv", dir], { logFile });
    const quietly = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"];
    await runOrFail(FAILURE, join(dir, "bin/python"), ["-m", "pip", "install", ...quietly, "-r", REQUIREMENTS], {
      logFile,
    });
    addSources(dir);
    renameSync(dir, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {string} dir */
function addSources(dir) {
  const [version = ""] = readdirSync(join(dir, "lib"));
  writeFileSync(join(dir, "lib", version, "site-packages/visgate-sdk.pth"), `${join(PYTHON_SDK, "src")}\n`);
}
