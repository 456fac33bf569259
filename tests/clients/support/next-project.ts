/** The example's Next.js project as its user has it: copied, our packages packed, all installed from the registry, built. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { npmInstall } from "../../support/npm.js";

const run = promisify(execFile);
const root = new URL("../../..", import.meta.url).pathname;

export interface NextProject {
  dir: string;
  /** For Node. */
  nextProgram: string;
  remove(): void;
}

/** Outside of the repository, whose node_modules would otherwise be found too. */
export async function buildNextProject(): Promise<NextProject> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-nextjs-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const nextProgram = join(dir, "node_modules/next/dist/bin/next");
  try {
    cpSync(join(root, "examples/nextjs"), dir, {
      recursive: true,
      filter: (path) => !/node_modules|\.next$/.test(path),
    });
    await npmInstall(dir, ["--prefix", dir, "--include=dev", "--prefer-offline", ...(await packed(dir))]);
    await run(process.execPath, [nextProgram, "build"], { cwd: dir, env: quiet(process.env) });
    return { dir, nextProgram, remove };
  } catch (error) {
    remove();
    // What npm and Next.js say goes to their output.
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${error}\n${stdout}\n${stderr}`);
  }
}

/** As they would be published. */
async function packed(dir: string): Promise<string[]> {
  const packages = ["./packages/client", "./packages/server-proxy"];
  const { stdout } = await run("npm", ["pack", ...packages, "--pack-destination", dir, "--json"], { cwd: root });
  return (JSON.parse(stdout) as { filename: string }[]).map(({ filename }) => `./${filename}`);
}

/** Vitest's NODE_ENV is none that Next.js knows. */
export const quiet = (env: NodeJS.ProcessEnv) => ({ ...env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" });
