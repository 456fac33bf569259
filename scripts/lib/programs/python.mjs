/** A Python with the packages that check, test and build sdks/python. The SDK itself is imported from its sources. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";
import { findEnvironment } from "./python-environment.mjs";

export const PYTHON_SDK = inRoot("sdks/python");

/** @type {import("./python-environment.mjs").Environment} */
const ENVIRONMENT = {
  name: "python",
  title: "Installing the test packages of the Python SDK",
  requirements: join(PYTHON_SDK, "requirements-dev.txt"),
  minor: 9,
  failure: "The tests of the Python SDK need Python 3.9 or later with venv and pip, as `python3` on PATH, or in PYTHON",
  complete: addSources,
};

/** The path of its interpreter. @param {import("./python-environment.mjs").FindOptions} [options] */
export const findPython = (options) => findEnvironment(ENVIRONMENT, options);

/** @param {string} dir */
function addSources(dir) {
  const [version = ""] = readdirSync(join(dir, "lib"));
  writeFileSync(join(dir, "lib", version, "site-packages/visgate-sdk.pth"), `${join(PYTHON_SDK, "src")}\n`);
}
