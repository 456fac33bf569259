/**
 * Runs one task in a process of its own. Decoders of media are large C libraries, and the media is not trusted: a crash,
 * a hang or a leak ends this process only.
 */
import { type ChildProcess, fork } from "node:child_process";
import { readFile } from "node:fs/promises";

export interface ApartOptions {
  /** The program. It gets the task as its first message, answers with one message, and ends. */
  entry: string;
  timeMs: number;
  /** How much memory it may have. Only Linux tells how much it has; elsewhere there is no limit. */
  maxMemoryBytes?: number;
  /** Ends it. */
  signal?: AbortSignal;
}

/** Null when the process ends without an answer. */
export function runApart<Reply>(task: object, options: ApartOptions): Promise<Reply | null> {
  const { entry, timeMs, maxMemoryBytes = Number.POSITIVE_INFINITY, signal } = options;
  return new Promise((resolve) => {
    // Without the environment, which has the server's keys.
    const child = fork(entry, [], {
      serialization: "advanced",
      env: {},
      execArgv: [],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    let reply: Reply | null = null;
    const end = () => void child.kill("SIGKILL");
    const timer = setTimeout(end, timeMs);
    const watch = watchMemory(child, maxMemoryBytes);
    signal?.addEventListener("abort", end, { once: true });
    child.once("message", (sent) => {
      reply = sent as Reply;
    });
    const finish = () => {
      clearTimeout(timer);
      clearInterval(watch);
      signal?.removeEventListener("abort", end);
      resolve(reply);
    };
    child.once("close", finish);
    // A process that could not be started does not close.
    child.on("error", () => child.pid === undefined && finish());
    if (child.connected) child.send(task, () => {});
    if (signal?.aborted) end();
  });
}

const EVERY_MS = 50;
/** On every Linux that Node.js runs on with 4 KB pages. With larger ones the process may have more. */
const PAGE_BYTES = 4096;

function watchMemory(child: ChildProcess, maxBytes: number): NodeJS.Timeout | undefined {
  if (process.platform !== "linux" || !Number.isFinite(maxBytes)) return undefined;
  return setInterval(async () => {
    const statm = await readFile(`/proc/${child.pid}/statm`, "utf8").catch(() => "");
    const [, residentPages = 0] = statm.split(" ").map(Number);
    if (residentPages * PAGE_BYTES > maxBytes) child.kill("SIGKILL");
  }, EVERY_MS);
}
