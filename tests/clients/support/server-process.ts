/** A web server in a process of its own that prints where it listens. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../../support/until.js";

export interface ServerProcess {
  /** Without a slash at the end. */
  url: string;
  stop(): Promise<void>;
}

export interface ServerCommand {
  /** For Node. */
  args: string[];
  cwd: string;
  /** Beside PATH and HOME the whole environment. */
  env: Record<string, string>;
}

export async function startServerProcess({ args, cwd, env }: ServerCommand): Promise<ServerProcess> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, args, { cwd, env: { PATH, HOME, ...env } });
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const url = await until("the server's address", () => {
    if (child.exitCode !== null) throw new Error(`${args.join(" ")} ended:\n${output}`);
    return /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
  });
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
