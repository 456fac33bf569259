/**
 * libfaketime for the tests: a library that gives a process another clock. A wheel of PyPI contains it for Linux on
 * x86-64 (90 KB), so it needs no compiler and no root.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";
import { silent } from "../progress.mjs";
import { installWheel } from "./pypi-wheel.mjs";

const VERSION = "3.0.1";
const WHEEL = {
  requirement: `libfaketime==${VERSION}`,
  hashes: ["5eed7c17f3d4ba0f6f828de4975f69a622b06b1e792674e6c1b069c0689fab79"],
};
const HOME = inRoot(`node_modules/.cache/visgate/libfaketime-${VERSION}`);
const LIBRARY = join(HOME, "libfaketime/vendor/libfaketime/src/libfaketime.so.1");

/**
 * The path of the library: from the variable LIBFAKETIME, else installed by the first call. Undefined on a platform
 * without a wheel.
 * @param {{
 *   report?: import("../progress.mjs").Report, logFile?: string | undefined, env?: NodeJS.ProcessEnv,
 * }} [options]
 * @returns {Promise<string | undefined>}
 */
export async function findFaketime({ report = silent, logFile, env = process.env } = {}) {
  if (env["LIBFAKETIME"]) return env["LIBFAKETIME"];
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const failure =
    "Installing libfaketime for the tests failed: install Python 3 with pip, or set LIBFAKETIME to the path of libfaketime.so.1";
  if (!existsSync(LIBRARY)) {
    await report.step("Installing libfaketime for the tests", () =>
      installWheel(WHEEL, { home: HOME, failure, env, logFile }),
    );
  }
  return LIBRARY;
}
