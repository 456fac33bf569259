/** Vercel's AI SDK, which needs a newer Node.js than the tests: its packages from the registry, and runs of a program. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findNode } from "../../../scripts/lib/programs/node-versions.mjs";
import { ROOT, run } from "../../support/packages.js";

const NODE_MAJOR = 24;
const SOURCES = join(ROOT, "tests/clients/dialects/programs/ai-sdk");
const PROGRAM = "run.mjs";

export interface AiSdk {
  /** Runs the program with these arguments and variables. Returns what it printed, parsed. */
  runProgram(args: string[], env: Record<string, string>): Promise<Record<string, never>>;
  /** Runs the text of another program, in that folder. */
  runText(text: string, env: Record<string, string>, cwd: string): Promise<void>;
}

export async function findAiSdk(): Promise<AiSdk> {
  const [node, dir] = await Promise.all([findNode(NODE_MAJOR), installed()]);
  cpSync(join(SOURCES, PROGRAM), join(dir, PROGRAM));
  const quiet = { AI_SDK_LOG_WARNINGS: "false" };
  return {
    runProgram: async (args, env) =>
      JSON.parse(await run(node, [join(dir, PROGRAM), ...args], { env: { ...env, ...quiet } })),
    async runText(text, env, cwd) {
      writeFileSync(join(dir, "text.mjs"), text);
      await run(node, [join(dir, "text.mjs")], { env: { ...env, ...quiet }, cwd });
    },
  };
}

/** Installed once for each lock file, in a folder that is renamed when it is complete. */
async function installed(): Promise<string> {
  const lock = readFileSync(join(SOURCES, "package-lock.json"));
  const version = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const home = join(ROOT, `node_modules/.cache/visgate/ai-sdk-${version}`);
  if (existsSync(home)) return home;
  mkdirSync(dirname(home), { recursive: true });
  const dir = mkdtempSync(`${home}.`);
  try {
    for (const name of ["package.json", "package-lock.json"]) cpSync(join(SOURCES, name), join(dir, name));
    await run("npm", ["ci", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    if (!existsSync(home)) renameSync(dir, home);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return home;
}
