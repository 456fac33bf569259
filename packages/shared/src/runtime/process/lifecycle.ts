/** How a process reports that it is ready, and how it ends: on SIGTERM, SIGINT, or when its launcher died. */

/** A process that has not ended then exits. What stops it must wait longer (docker-compose.yml, deploy/helm). */
export const DRAIN_DEADLINE_MS = 9000;

/** Reports to the launcher, if there is one, that this process is ready. */
export function announceReady(url?: string): void {
  process.send?.({ type: "ready", ...(url === undefined ? {} : { url }) });
}

export interface Shutdown {
  /** Aborts when the process begins to drain. */
  draining: AbortSignal;
  /** Runs `drain` once at the end, then exits; after the deadline it exits anyway. */
  onShutdown(drain: () => Promise<void>): void;
}

export function createShutdown(report: (error: unknown) => void): Shutdown {
  const controller = new AbortController();
  let drain = async () => {};
  const end = async () => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => process.exit(1), DRAIN_DEADLINE_MS).unref();
    await drain().catch(report);
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
  process.on("disconnect", end);
  return {
    draining: controller.signal,
    onShutdown(run) {
      drain = run;
    },
  };
}
