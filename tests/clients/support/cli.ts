/** Runs the command `visgate` as a user does: the built program, in its own process. */
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

/** Passes on only what every program needs, so that the keys of the developer's shell have no effect. */
export function cliEnv(env: CliEnv): CliEnv {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, ...env };
}

export function startCli(args: string[], env: CliEnv): CliRun {
  return startProgram([...CLI, ...args], env);
}

/** `input`: the text on stdin, which is empty without it. */
export async function runCli(args: string[], env: CliEnv, input?: string): Promise<CliResult> {
  const run = startProgram([...CLI, ...args], env, input === undefined ? "ignore" : "pipe");
  run.child.stdin?.end(input);
  return run.ended;
}

/** Runs a program in a pseudo-terminal. What the terminal shows comes out on stdout; what is written to stdin is typed. */
const PTY = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

export function startInTerminal(args: string[], env: CliEnv, stdin: "ignore" | "pipe" = "ignore"): CliRun {
  return startProgram(["python3", "-c", PTY, ...CLI, ...args], { TERM: "xterm", ...env }, stdin);
}

export function startProgram(
  [program = "", ...args]: string[],
  env: CliEnv,
  stdin: "ignore" | "pipe" = "ignore",
): CliRun {
  const child = spawn(program, args, { env: cliEnv(env), stdio: [stdin, "pipe", "pipe"], ...LIMITS });
  running.add(child);
  child.once("close", () => running.delete(child));
  const received = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout?.on("data", (chunk: Buffer) => received.stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => received.stderr.push(chunk));
  const text = (where: "stdout" | "stderr") => Buffer.concat(received[where]).toString();
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    ...{ stdout: text("stdout"), stderr: text("stderr"), bytes: Buffer.concat(received.stdout) },
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
        throw new Error(`the program ended without ${what}:\n${text("stdout")}\n${text("stderr")}`);
      });
    },
  };
}

/** Limits how long a program keeps running after its test failed. */
const LIMITS = { timeout: 60_000, killSignal: "SIGKILL" } as const;
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The lines of a text that ends with a line feed. */
export function linesOf(text: string): string[] {
  return text.split("\n").slice(0, -1);
}
