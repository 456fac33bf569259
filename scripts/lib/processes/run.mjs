import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { StartError } from "../failure.mjs";
import { ensurePrivateDir, sizeOf, tailOf } from "../files.mjs";
import { ROOT_DIR } from "../paths.mjs";
import { describeExit } from "./processes.mjs";

/**
 * Runs a command and waits for its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{
 *   env?: NodeJS.ProcessEnv, cwd?: string | undefined, logFile?: string | undefined, signal?: AbortSignal | undefined,
 *   stdout?: "inherit" | 2,
 * }} [options]
 *   without a log file the output goes to this terminal; `stdout: 2` sends all of it to stderr
 * @returns {Promise<import("./processes.mjs").Exit>}
 */
export async function run(
  command,
  args,
  { env = process.env, cwd = ROOT_DIR, logFile, signal, stdout = "inherit" } = {},
) {
  if (logFile) ensurePrivateDir(dirname(logFile));
  const log = logFile ? openSync(logFile, "a", 0o600) : null;
  try {
    return await new Promise((resolve) => {
      const child = spawn(command, args, { cwd, env, stdio: ["ignore", log ?? stdout, log ?? "inherit"] });
      signal?.addEventListener("abort", () => endSoon(child), { once: true });
      child.once("exit", (code, killedBy) => resolve({ code, signal: killedBy }));
      child.once("error", (error) => resolve({ code: null, signal: null, error }));
    });
  } finally {
    if (log !== null) closeSync(log);
  }
}

/**
 * Not spawn's own `signal`, which reports the end before the process has ended. npm reacts slowly to a SIGTERM. After a
 * SIGKILL the installation is incomplete, but it has no stamp, so the next start installs again.
 * @param {import("node:child_process").ChildProcess} child
 */
function endSoon(child) {
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), 3000).unref();
}

/**
 * Like `run`, but any exit code except 0 throws a StartError that begins with `failure`. The output goes to stderr, so
 * that it does not mix with the output of the program that calls this (`npm pack --json` prints JSON).
 * @param {string} failure one sentence: what failed and what to do
 * @param {string} command
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function runOrFail(failure, command, args, options = {}) {
  const { logFile } = options;
  const logStart = logFile ? sizeOf(logFile) : 0;
  const exit = await run(command, args, { ...options, stdout: 2 });
  if (exit.code === 0) return;
  throw new StartError(`${failure} (${describeExit(exit)})`, {
    logFile,
    tail: logFile ? tailOf(logFile, logStart) : undefined,
  });
}
