/** Carries one request on in a process of its own, whose death is an outcome. One at a time per worker. */
import { fork } from "node:child_process";
import type { RequestRef } from "@visgate/shared/domain/request";
import { z } from "zod";
import type { Outcome } from "./outcome.js";

/** Longer than the longest step, which is a copy. */
const TIME_LIMIT_MS = 12 * 60_000;

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("advance") }),
  z.object({ kind: z.literal("sleep"), delayMs: z.number() }),
  z.object({ kind: z.literal("finish") }),
]);

/** `busy`: another one is under way. `stopped`: called off. `died`: the process ended without an outcome. */
export type Isolated = { kind: "outcome"; outcome: Outcome } | { kind: "busy" | "stopped" | "died" };

export interface Isolation {
  run(ref: RequestRef, signal: AbortSignal): Promise<Isolated>;
}

/** `entry`: the program; it gets the request and the lease of this process, and sends one outcome. */
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
    const child = fork(entry, args);
    const stop = () => {
      result ??= { kind: "stopped" };
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    child.on("message", (message) => {
      const parsed = outcome.safeParse(message);
      if (parsed.success) result ??= { kind: "outcome", outcome: parsed.data };
    });
    child.on("error", () => {});
    child.on("close", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(result ?? { kind: "died" });
    });
  });
}
