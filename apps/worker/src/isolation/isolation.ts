/** Runs one request in a process of its own and reports when that process dies. One at a time per worker. */
import { fork } from "node:child_process";
import type { RequestRef } from "@visgate/shared/request";
import { z } from "zod";
import type { Outcome } from "../outcome.js";

/** Longer than the longest step, which copies several outputs. */
const TIME_LIMIT_MS = 30 * 60_000;
/** A process that has not begun by then says nothing about the request: Redis or the output store may be away. */
const START_LIMIT_MS = 60_000;

const message = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("started") }),
  z.object({ kind: z.literal("advance") }),
  z.object({ kind: z.literal("sleep"), delayMs: z.number() }),
  z.object({ kind: z.literal("finish") }),
]);

/** `busy`: another one is under way. `stopped`: called off, or never begun. `died`: the process ended in the step. */
export type Isolated = { kind: "outcome"; outcome: Outcome } | { kind: "busy" | "stopped" | "died" };

export interface Isolation {
  run(ref: RequestRef, signal: AbortSignal): Promise<Isolated>;
}

/** `entry`: the program; it gets the request and the lease of this process, and sends `started` and one outcome. */
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
