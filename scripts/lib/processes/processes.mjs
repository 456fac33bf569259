/**
 * Child processes that must not outlive this process.
 *
 * Every child has its own process group (`detached`), so a Ctrl-C in the terminal reaches only the launcher, which ends
 * the children in order. Otherwise Redis would get the SIGINT too, and end before the workers have drained.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensurePrivateDir } from "../files.mjs";

/**
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null, error?: Error }} Exit
 * @typedef {{
 *   child: import("node:child_process").ChildProcess, pid: number, exited: Promise<Exit>, alive: () => boolean,
 * }} Owned
 * @typedef {{ address: string, inside: readonly string[] }} Host where a program runs: the address on which it listens, and
 *   the beginning of the command line that starts it there
 */

/** @type {Host} */
export const THIS_MACHINE = Object.freeze({ address: "127.0.0.1", inside: [] });

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();
let watchingExit = false;

/** Sends a signal to every child that still runs. @param {NodeJS.Signals} signal */
export function signalAll(signal) {
  for (const child of children) child.kill(signal);
}

/**
 * Starts a program whose output goes to `logFile`.
 * @param {string} command
 * @param {string[]} args
 * @param {{
 *   env: Record<string, string>, logFile: string, ipc?: boolean, cwd?: string | undefined, host?: Host | undefined,
 * }} options
 * @returns {Owned}
 */
export function spawnOwned(command, args, { env, logFile, ipc = false, cwd, host = THIS_MACHINE }) {
  ensurePrivateDir(dirname(logFile));
  const log = openSync(logFile, "a", 0o600);
  try {
    const stdio = /** @type {import("node:child_process").StdioOptions} */ ([
      "ignore",
      log,
      log,
      ...(ipc ? ["ipc"] : []),
    ]);
    const [program = command, ...rest] = [...host.inside, command, ...args];
    return own(spawn(program, rest, { env, cwd, stdio, detached: true }));
  } finally {
    closeSync(log);
  }
}

/** @param {import("node:child_process").ChildProcess} child @returns {Owned} */
function own(child) {
  endWithThisProcess();
  children.add(child);
  let alive = true;
  const exited = new Promise((/** @type {(exit: Exit) => void} */ resolve) => {
    const gone = (/** @type {Exit} */ exit) => {
      alive = false;
      children.delete(child);
      resolve(exit);
    };
    child.once("exit", (code, signal) => gone({ code, signal }));
    child.once("error", (error) => child.pid === undefined && gone({ code: null, signal: null, error }));
  });
  return { child, pid: child.pid ?? -1, exited, alive: () => alive };
}

function endWithThisProcess() {
  if (watchingExit) return;
  watchingExit = true;
  process.once("exit", () => signalAll("SIGTERM"));
}

/**
 * Sends SIGTERM, and SIGKILL if the process still runs at the deadline.
 * @param {Owned} owned @param {number} deadlineMs
 */
export async function end(owned, deadlineMs) {
  if (!owned.alive()) return owned.exited;
  owned.child.kill("SIGTERM");
  const timer = setTimeout(() => owned.child.kill("SIGKILL"), deadlineMs);
  try {
    return await owned.exited;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Exit} exit */
export function describeExit({ code, signal, error }) {
  if (error) return error.message;
  return signal ? `killed by ${signal}` : `exit code ${code}`;
}

/** The command line of a process, or undefined when no such process runs. @param {number} pid */
export function commandLineOf(pid) {
  if (process.platform === "linux") {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
    } catch {
      return undefined;
    }
  }
  return spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() || undefined;
}

/**
 * Waits for a condition; resolves to false when it did not become true in time.
 * @param {() => boolean | Promise<boolean>} condition @param {number} timeoutMs
 */
export async function eventually(condition, timeoutMs, everyMs = 50) {
  const until = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() >= until) return false;
    await sleep(everyMs);
  }
  return true;
}
