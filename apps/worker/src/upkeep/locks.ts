/**
 * Jobs whose lock no living process uses. A worker process holds a lease, and the token of each of its locks begins
 * with the lease's id. It beats for its own lease and frees the jobs of processes whose lease has run out (shared's
 * store/leases.ts says when). After a reconnect it also frees the jobs that Redis assigned to it in a lost answer.
 */
import { baseOf, type Freed, MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import type { Logger } from "@visgate/shared/runtime";
import { BEAT_MS, type LeaseHolder } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import type { RunningJobs } from "../queue-worker.js";

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

/** Resolves after the first answered heartbeat: without a lease, the jobs of this process could not be taken over. */
export async function holdLease({ holder, beatMs = BEAT_MS, onDead, log }: HoldLeaseOptions): Promise<HeldLease> {
  const stopped = new AbortController();

  /** A heartbeat that fails is only late. The other processes decide whether it is too late. */
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
      await holder.end().catch((error) => log.warn({ err: error }, "the lease was not removed; it will run out"));
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

export interface TakenOver extends Freed {
  /** The lease of the dead process. */
  lease: string;
  queue: string;
}

export interface TakeOverDeps {
  /** All shards of all queues, not only of those of this process: the dead one may have taken jobs from others. */
  queues(): readonly string[];
  free(leaseId: string, queue: string): Promise<Freed>;
  removeLease(leaseId: string): Promise<void>;
  /** Called for each queue with freed jobs, which may already run elsewhere. */
  onTakenOver(taken: TakenOver): void;
  log: Logger;
}

/** Returns the function that frees a dead process's jobs in every queue and then removes its lease. */
export function createTakeOver({
  queues,
  free,
  removeLease,
  onTakenOver,
  log,
}: TakeOverDeps): (leaseId: string) => void {
  const underWay = new Set<string>();

  async function takeOverQueue(leaseId: string, queue: string): Promise<void> {
    const freed = await free(leaseId, queue);
    if (freed.count > 0) onTakenOver({ lease: leaseId, queue, ...freed });
  }

  async function takeOver(leaseId: string): Promise<void> {
    await Promise.all(queues().map((queue) => takeOverQueue(leaseId, queue)));
    // Last: if this process dies before, another one finds the lease at its next heartbeat and frees the rest.
    await removeLease(leaseId);
  }

  return (leaseId) => {
    if (underWay.has(leaseId)) return;
    underWay.add(leaseId);
    takeOver(leaseId)
      .catch((error) => log.warn({ lease: leaseId, err: error }, "a take-over failed; the next heartbeat tries again"))
      .finally(() => underWay.delete(leaseId));
  };
}

/** Counts a death for each request and delivery that the dead process ran, because one of them may be the cause. */
export async function countDeaths(
  { store, log }: Pick<Deps, "store" | "log">,
  { leaseId, queue }: { leaseId: string; queue: string },
  refs: RequestRef[],
): Promise<void> {
  if (queue === MAINTENANCE_QUEUE) return;
  const { countDeath } = baseOf(queue) === WEBHOOKS_QUEUE ? store.deliveries : store.requests;
  const counted = refs.map((ref) =>
    // A count that fails must not stop the take-over. A request that keeps killing its process is counted again.
    countDeath(ref, leaseId).catch((error) => log.warn({ err: error, id: ref.id }, "a death was not counted")),
  );
  await Promise.all(counted);
}

/** By then Redis has answered the commands that were sent again over the new connection. */
const AFTER_RECONNECT_MS = 2000;

export interface FindLostJobsOptions {
  running: RunningJobs;
  free(queue: string, running: ReadonlySet<string>): Promise<Freed>;
  log: Logger;
  afterMs?: number;
}

/**
 * Returns the function to call after each reconnect. When a connection breaks, Redis may have assigned jobs to this
 * process in an answer that never arrived: it holds their locks, but does not run them. The same with requests from the
 * outbox. They are moved back; otherwise they would wait until the locks expire, or the process ends.
 */
export function createLostJobsFinder(options: FindLostJobsOptions): () => void {
  const { running, free, log, afterMs = AFTER_RECONNECT_MS } = options;

  async function find(queue: string, tokens: ReadonlySet<string>): Promise<void> {
    const { count } = await free(queue, tokens);
    if (count > 0) log.info({ queue, jobs: count }, "jobs that were lost with a connection were moved back");
  }
  return () => {
    setTimeout(() => {
      for (const [queue, tokens] of running)
        find(queue, tokens).catch((error) => log.warn({ queue, err: error }, "the search for lost jobs failed"));
    }, afterMs).unref();
  };
}
