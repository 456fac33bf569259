/** The Python SDK as a user gets it: its wheel, installed into empty environments of all the Pythons that are here. */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findPython, PYTHON_SDK } from "../../scripts/lib/programs/python.mjs";
import { run } from "./packages.js";

const PYENV = join(homedir(), ".pyenv/versions");
const OLDEST_MINOR = 9;
const NEWEST_MINOR = 14;

/** What builds, installs and checks; once, as two would install it at the same time. */
let tools: Promise<string> | undefined;
async function runTool(...args: string[]): Promise<string> {
  tools ??= findPython();
  return run(await tools, ["-m", ...args]);
}

export interface Python {
  /** As `3.9`. */
  version: string;
  program: string;
}

/** One for each version from 3.9 on; at least one. Those that cannot make an environment, or have no TLS, are left out. */
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

/** The path of the wheel that is built into `dir`. */
export async function buildWheel(dir: string): Promise<string> {
  await runTool("build", "--wheel", "--no-isolation", "--outdir", dir, PYTHON_SDK);
  const [wheel = ""] = readdirSync(dir).filter((name) => name.endsWith(".whl"));
  return join(dir, wheel);
}

export interface Environment {
  python: Python;
  dir: string;
  /** What pip is told: files, requirements, options. */
  wanted: string[];
}

/** The interpreter of a new environment. It gets no pip of its own, which takes seconds: ours installs into it. */
export async function createEnvironment({ python, dir, wanted }: Environment): Promise<string> {
  await run(python.program, ["-m", "venv", "--without-pip", dir]);
  const interpreter = join(dir, "bin/python");
  const flags = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"];
  await runTool("pip", "--python", interpreter, "install", ...flags, ...wanted);
  return interpreter;
}

/** mypy, strict, as it sees a program that uses what is installed in an environment. */
export async function checkTypes(interpreter: string, file: string): Promise<string> {
  return runTool("mypy", "--strict", "--cache-dir", "/dev/null", "--python-executable", interpreter, file);
}
