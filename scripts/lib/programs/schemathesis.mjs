/** Schemathesis: sends an API all kinds of right and wrong calls, made of its OpenAPI document. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inRoot } from "../paths.mjs";
import { findEnvironment } from "./python-environment.mjs";

const FUZZ = inRoot("tests/fuzz");
const ALL_PHASES = ["examples", "coverage", "fuzzing", "stateful"];

/** @type {import("./python-environment.mjs").Environment} */
const ENVIRONMENT = {
  name: "schemathesis",
  title: "Installing Schemathesis",
  requirements: join(FUZZ, "requirements.txt"),
  minor: 11,
  failure: "Schemathesis needs Python 3.11 or later with venv and pip, as `python3` on PATH, or in PYTHON",
};

/**
 * The path of a Python that has it.
 * @param {import("./python-environment.mjs").FindOptions} [options]
 */
export const findSchemathesis = (options) => findEnvironment(ENVIRONMENT, options);

/**
 * `examples`: how many calls of each kind to an operation. `phases`: all unless they are given. The same seed makes the
 * same calls. `onText` gets the output as it comes.
 * @typedef {{
 *   python: string, baseUrl: string, apiKey: string, adminKey: string, fileUrl: string, examples: number, seed: number,
 *   phases?: string[], withoutChecks?: string[], onText?: (text: string) => void,
 * }} FuzzOptions
 */

/**
 * Runs all checks that tests/fuzz/schemathesis.toml does not switch off. Resolves when the program has ended.
 * @param {FuzzOptions} options
 */
export async function runSchemathesis(options) {
  const { python, baseUrl, apiKey, adminKey, fileUrl, examples, seed } = options;
  const { phases = ALL_PHASES, withoutChecks = [], onText = () => {} } = options;
  const args = [
    ...["-m", "schemathesis.cli", "--config-file", join(FUZZ, "schemathesis.toml")],
    ...["run", `${baseUrl}/api/v1/openapi.json`, "--header", `Authorization: Bearer ${apiKey}`],
    ...["--header", `X-Visgate-Admin-Key: ${adminKey}`],
    ...["--max-examples", String(examples), "--seed", String(seed), "--continue-on-failure"],
    ...(withoutChecks.length === 0 ? [] : ["--exclude-checks", withoutChecks.join(",")]),
    ...["--phases", phases.join(","), "--generation-database", "none", "--no-color"],
  ];
  const own = { PYTHONPATH: FUZZ, SCHEMATHESIS_HOOKS: "hooks", FUZZ_FILE_URL: fileUrl };
  const target = { FUZZ_BASE_URL: baseUrl, FUZZ_API_KEY: apiKey };
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], PYTHONDONTWRITEBYTECODE: "1", ...own, ...target };
  // Schemathesis keeps what failed in its folder, for a later run to try first: each run here stands for itself.
  const cwd = mkdtempSync(join(tmpdir(), "visgate-schemathesis-"));
  const child = spawn(python, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      onText(text);
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  rmSync(cwd, { recursive: true, force: true });
  const [, cases = "0"] = /(\d+) generated/.exec(output) ?? [];
  return { succeeded: code === 0, cases: Number(cases), output };
}
