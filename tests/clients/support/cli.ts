/** The command `visgate` as a user runs it: the built program in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../../support/until.js";

export interface CliResult {
  /** Null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  bytes: Buffer;
}

export interface CliRun {
  child: ChildProcess;
  ended: Promise<CliResult>;
  stdout(): string;
  stderr(): string;
  /** Resolves when the text has appeared; throws when the program ended without it. */
  says(text: string, where?: "stdout" | "stderr"): Promise<void>;
}

export type CliEnv = Record<string, string>;

const PROGRAM = new URL("../../../packages/cli/dist/main.js", import.meta.url).pathname;
export const CLI = [process.execPath, PROGRAM] as const;

/** Of this process's environment only what programs need to run. */
export function cliEnv(env: CliEnv): CliEnv {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, ...env };
}

export function startCli(args: string[], env: CliEnv): CliRun {
  return startProgram([...CLI, ...args], env);
}

/** `input`: what is on stdin; nothing unless given. */
export async function runCli(args: string[], env: CliEnv, input?: string): Promise<CliResult> {
  const run = startProgram([...CLI, ...args], env, input === undefined ? "ignore" : "pipe");
  run.child.stdin?.end(input);
  return run.ended;
}

/** Runs a program in a pseudo-terminal: all that is shown there comes out on stdout, and what is typed goes to stdin. */
const PTY = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

export function startInTerminal(args: string[], env: CliEnv, stdin: "ignore" | "pipe" = "ignore"): CliRun {
  return startProgram(["python3", "-c", PTY, ...CLI, ...args], { TERM: "xterm", ...env }, stdin);
}

export function startProgram(
  [program = "", ...args]: string[],
  env: CliEnv,
  stdin: "ignore" | "pipe" = "ignore",
): CliRun {
  const child = spawn(program, args, { env: cliEnv(env), stdio: [stdin, "pipe", "pipe"], ...LONGEST });
  running.add(child);
  child.once("close", () => running.delete(child));
  const heard = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout?.on("data", (chunk: Buffer) => heard.stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => heard.stderr.push(chunk));
  const text = (where: "stdout" | "stderr") => Buffer.concat(heard[where]).toString();
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    ...{ stdout: text("stdout"), stderr: text("stderr"), bytes: Buffer.concat(heard.stdout) },
  }));
  return {
    child,
    ended,
    stdout: () => text("stdout"),
    stderr: () => text("stderr"),
    async says(what, where = "stdout") {
      await until(`${where} to say ${what}`, () => {
        if (text(where).includes(what)) return true;
        if (child.exitCode === null && child.signalCode === null) return false;
        throw new Error(`it ended without ${what}:\n${text("stdout")}\n${text("stderr")}`);
      });
    },
  };
}

/** A test that failed half-way leaves nothing running for long. */
const LONGEST = { timeout: 60_000, killSignal: "SIGKILL" } as const;
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The lines of a text that ends with a line feed. */
export function linesOf(text: string): string[] {
  return text.split("\n").slice(0, -1);
}
