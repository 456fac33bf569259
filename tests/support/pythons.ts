/** The Python SDK as users get it: its wheel, installed in an empty environment of each Python on this machine. */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findPython, PYTHON_SDK } from "../../scripts/lib/programs/python.mjs";
import { run } from "./packages.js";

const PYENV = join(homedir(), ".pyenv/versions");
const OLDEST_MINOR = 9;
const NEWEST_MINOR = 14;

/** The Python with build, pip and mypy. One promise for all calls, so that it is not installed twice at once. */
let tools: Promise<string> | undefined;
async function runTool(...args: string[]): Promise<string> {
  tools ??= findPython();
  return run(await tools, ["-m", ...args]);
}

export interface Python {
  /** For example `3.9`. */
  version: string;
  program: string;
}

/** One Python for each version from 3.9 on. Those without `venv` or `ssl` are left out. Throws when there is none. */
export async function findPythons(): Promise<Python[]> {
  const named = Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, at) => `python3.${OLDEST_MINOR + at}`);
  const ofPyenv = existsSync(PYENV) ? readdirSync(PYENV).map((name) => join(PYENV, name, "bin/python3")) : [];
  const candidates = [process.env["PYTHON"] || "python3", ...named, ...ofPyenv];
  const found = await Promise.all(candidates.map((program) => askVersion(program)));
  const supported = found.filter((python) => python !== null);
  const byVersion = new Map(supported.reverse().map((python) => [python.version, python]));
  if (byVersion.size === 0) throw new Error("no Python 3.9 or later was found: install one, as `python3` on PATH");
  return [...byVersion.values()].sort((a, b) => minorOf(a) - minorOf(b));
}

async function askVersion(program: string): Promise<Python | null> {
  const question = "import sys, ssl, venv; print('%d.%d' % sys.version_info[:2])";
  const version = (await run(program, ["-c", question]).catch(() => "")).trim();
  const python = { version, program };
  return version.startsWith("3.") && minorOf(python) >= OLDEST_MINOR ? python : null;
}

const minorOf = ({ version }: Python) => Number(version.split(".")[1]);

/** Builds the wheel in `dir`. Returns its path. */
export async function buildWheel(dir: string): Promise<string> {
  await runTool("build", "--wheel", "--no-isolation", "--outdir", dir, PYTHON_SDK);
  const [wheel = ""] = readdirSync(dir).filter((name) => name.endsWith(".whl"));
  return join(dir, wheel);
}

export interface Environment {
  python: Python;
  dir: string;
  /** Arguments of `pip install`: files, requirements, options. */
  pipArgs: string[];
}

/** Creates an environment; returns its interpreter. Our pip installs into it, because adding a pip takes seconds. */
export async function createEnvironment({ python, dir, pipArgs }: Environment): Promise<string> {
  await run(python.program, ["-m", "venv", "--without-pip", dir]);
  const interpreter = join(dir, "bin/python");
  const flags = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"];
  await runTool("pip", "--python", interpreter, "install", ...flags, ...pipArgs);
  return interpreter;
}

/** Checks a program with mypy --strict against the packages that are installed in an environment. */
export async function checkTypes(interpreter: string, file: string): Promise<string> {
  return runTool("mypy", "--strict", "--cache-dir", "/dev/null", "--python-executable", interpreter, file);
}
