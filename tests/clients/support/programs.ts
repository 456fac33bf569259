/** The programs that use SDKs, and the SDKs for Python, unmodified, each in an environment of its own. */
import { join } from "node:path";
import { findEnvironment } from "../../../scripts/lib/programs/python-environment.mjs";
import { ROOT } from "../../support/packages.js";

export const PROGRAMS = join(ROOT, "tests/clients/dialects/programs");

/** `of`: as "Runway". `minor`: the oldest Python 3 that the SDK works with. Returns the interpreter. */
export const findPythonSdk = (name: string, { of, minor }: { of: string; minor: number }): Promise<string> =>
  findEnvironment({
    ...{ name: `${name}-sdk`, title: `Installing ${of}'s SDK for Python`, minor },
    requirements: join(PROGRAMS, `${name}-requirements.txt`),
    failure: `The tests of ${of}'s SDK need Python 3.${minor} or later with venv and pip, as \`python3\` on PATH, or in PYTHON`,
  });
