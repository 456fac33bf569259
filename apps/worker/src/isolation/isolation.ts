/** Runs one request in its own process and says when that process died. A worker isolates one request at a time. */
import { fork } from "node:child_process";
import type { RequestRef } from "@visgate/shared/request";
import { z } from "zod";
import type { Outcome } from "../outcome.js";

/** More than the longest step takes, which copies several outputs. */
const TIME_LIMIT_MS = 30 * 60_000;
/** A process that has not started by then proves nothing: Redis or the output store may be unavailable. */
const START_LIMIT_MS = 60_000;

const message = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("started") }),
  z.object({ kind: z.literal("advance") }),
  z.object({ kind: z.literal("sleep"), delayMs: z.number() }),
  z.object({ kind: z.literal("finish") }),
]);

/** `busy`: another request runs isolated. `stopped`: aborted, or never started. `died`: the process ended in a step. */
export type Isolated = { kind: "outcome"; outcome: Outcome } | { kind: "busy" | "stopped" | "died" };

export interface Isolation {
  run(ref: RequestRef, signal: AbortSignal): Promise<Isolated>;
}

/** `entry`: the program. It gets the request and this process's lease, and sends `started`, then one outcome. */
export function createIsolation({ entry, leaseId }: { entry: URL; leaseId: string }): Isolation {
  let isBusy = false;
  return {
    async run(ref, signal) {
      if (isBusy) return { kind: "busy" };
      isBusy = true;
      try {
        return await runApart(entry, [ref.organization, ref.id, leaseId], signal);
      } finally {
        isBusy = false;
      }
    },
  };
}

function runApart(entry: URL, args: string[], signal: AbortSignal): Promise<Isolated> {
  return new Promise((resolve) => {
    let result: Isolated | null = null;
    let hasStarted = false;
    const child = fork(entry, args);
    const limit = (ms: number) => setTimeout(() => child.kill("SIGKILL"), ms);
    let timer = limit(START_LIMIT_MS);
    const stop = () => {
      result ??= { kind: "stopped" };
      child.kill("SIGKILL");
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    child.on("message", (sent) => {
      const { data } = message.safeParse(sent);
      if (data?.kind === "started") {
        hasStarted = true;
        clearTimeout(timer);
        timer = limit(TIME_LIMIT_MS);
      } else if (data !== undefined) result ??= { kind: "outcome", outcome: data };
    });
    child.on("error", () => {});
    child.on("close", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(result ?? { kind: hasStarted ? "died" : "stopped" });
    });
  });
}
