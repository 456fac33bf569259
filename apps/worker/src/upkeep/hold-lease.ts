/** Sends the heartbeats of this process, and reports processes that died. store/leases.ts has the argument. */
import type { Logger } from "@visgate/shared/runtime";
import { BEAT_MS, type LeaseHolder } from "@visgate/shared/store";

export interface HoldLeaseOptions {
  holder: LeaseHolder;
  beatMs?: number;
  /** Called at each heartbeat until the dead lease is removed, so it may fail. */
  onDead(leaseId: string): void;
  log: Logger;
}

export interface HeldLease {
  /** Call when this process holds no job any more: removes the lease, so that no other process has to take over. */
  end(): Promise<void>;
}

/** Resolves after the first heartbeat, however long Redis is away: a job taken earlier would have no known holder. */
export async function holdLease({ holder, beatMs = BEAT_MS, onDead, log }: HoldLeaseOptions): Promise<HeldLease> {
  const stopped = new AbortController();

  /** A failed heartbeat is only late; the other processes decide whether it is too late. */
  async function beat(): Promise<boolean> {
    const heard = await holder.beat().catch(() => null);
    if (heard?.wasJudgedDead) {
      log.warn({ lease: holder.id }, "this process was silent for too long; its jobs were taken over");
    }
    for (const leaseId of heard?.dead ?? []) onDead(leaseId);
    return heard !== null;
  }

  while (!(await beat())) await pause(beatMs, stopped.signal);
  const beating = (async () => {
    while (!stopped.signal.aborted) {
      await pause(beatMs, stopped.signal);
      if (!stopped.signal.aborted) await beat();
    }
  })();
  return {
    async end() {
      stopped.abort();
      await beating;
      await holder.end().catch((error) => log.warn({ err: error }, "the lease was not ended; it runs out by itself"));
    },
  };
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stopped.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopped.addEventListener("abort", done);
  });
}
