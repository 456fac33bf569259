/** Runs `npm start` as a user does: the launcher in a separate process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { type Caller, createCaller, createSimulatorControl, type SimulatorControl } from "./caller.js";
import { until } from "./until.js";

export interface Launcher {
  child: ChildProcess;
  /** Everything that was printed so far. */
  output(): string;
  exited: Promise<number | null>;
}

export interface LaunchedStack extends Launcher {
  caller: Caller;
  simulator: SimulatorControl;
  curl: string;
  redisPid: number;
}

const root = new URL("../..", import.meta.url).pathname;

export function runScript(script: string, args: string[], env: Record<string, string> = {}): Launcher {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [`scripts/${script}`, ...args], { cwd: root, env: { PATH, HOME, ...env } });
  // A failed test must not leave a running process. For a process that has exited, this does nothing.
  onTestFinished(() => void child.kill("SIGTERM"));
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += chunk;
    });
  }
  return { child, output: () => text, exited: once(child, "exit").then(([code]) => code as number | null) };
}

/** Starts the launcher and resolves when it prints that the stack is ready. */
export async function launch(dataDir: string, env: Record<string, string> = {}): Promise<LaunchedStack> {
  const args = ["--port", "0", "--data-dir", dataDir];
  const launcher = runScript("start.mjs", args, {
    SIMULATOR_RENDER_SECONDS: "2",
    SIMULATOR_QUEUE_SECONDS: "0.2",
    ...env,
  });
  await until("a ready stack", () => {
    if (launcher.child.exitCode !== null) throw new Error(`npm start ended:\n${launcher.output()}`);
    return launcher.output().includes("Ctrl-C stops everything");
  });
  const text = launcher.output();
  const [, base = ""] = /API +(http:\S+)\/api\/v1/.exec(text) ?? [];
  const [, key = ""] = /API key +(\S+)/.exec(text) ?? [];
  const stack = JSON.parse(readFileSync(`${dataDir}/stack.json`, "utf8"));
  const redis = JSON.parse(readFileSync(`${dataDir}/redis/running.json`, "utf8"));
  return {
    ...launcher,
    caller: createCaller(base, key),
    simulator: createSimulatorControl(stack.simulatorUrl),
    curl: /^curl -sS [\s\S]*?'$/m.exec(text)?.[0] ?? "",
    redisPid: redis.pid,
  };
}

/** Sends SIGINT, as Ctrl-C does. Returns the exit code. */
export async function interrupt(stack: Launcher): Promise<number | null> {
  stack.child.kill("SIGINT");
  return stack.exited;
}
