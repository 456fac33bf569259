/** `npm install` in a project, with a time limit and a second try, because npm sometimes hangs after installing. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const TRIES = 2;
const LIMIT_MS = 50_000;

export async function npmInstall(dir: string, args: string[]): Promise<void> {
  const flags = ["--no-audit", "--no-fund"];
  for (let tries = 1; ; tries += 1) {
    try {
      await run("npm", ["install", ...flags, ...args], { cwd: dir, timeout: LIMIT_MS, killSignal: "SIGKILL" });
      return;
    } catch (error) {
      const {
        killed = false,
        stdout = "",
        stderr = "",
      } = error as { killed?: boolean; stdout?: string; stderr?: string };
      if (!killed || tries === TRIES) throw new Error(`${error}\n${stdout}\n${stderr}`);
      rmSync(join(dir, "node_modules"), { recursive: true, force: true });
    }
  }
}
