/** Sees to it that what a dead worker process held goes on: its jobs are freed in every queue, then its lease is buried. */
import type { Logger } from "@visgate/shared/log";
import type { Freed } from "@visgate/shared/queue/take-over";

export interface TakenOver extends Freed {
  /** Of the dead process. */
  lease: string;
  queue: string;
}

export interface TakeOverDeps {
  /** All there are, not only those this process takes jobs from: the dead one may have taken others. */
  queues: readonly string[];
  free(leaseId: string, queue: string): Promise<Freed>;
  bury(leaseId: string): Promise<void>;
  /** Each freed job is told of once, by the process that freed it; it may run elsewhere already. */
  onTakenOver(taken: TakenOver): void;
  log: Logger;
}

export function createTakeOver({ queues, free, bury, onTakenOver, log }: TakeOverDeps): (leaseId: string) => void {
  const underWay = new Set<string>();

  async function takeOverQueue(leaseId: string, queue: string): Promise<void> {
    const freed = await free(leaseId, queue);
    if (freed.count > 0) onTakenOver({ lease: leaseId, queue, ...freed });
  }

  async function takeOver(leaseId: string): Promise<void> {
    await Promise.all(queues.map((queue) => takeOverQueue(leaseId, queue)));
    // Last: if this process dies before, the next one to beat sees the verdict and does the rest.
    await bury(leaseId);
  }

  return (leaseId) => {
    if (underWay.has(leaseId)) return;
    underWay.add(leaseId);
    takeOver(leaseId)
      .catch((error) => log.warn({ lease: leaseId, err: error }, "a take-over failed; the next beat tries again"))
      .finally(() => underWay.delete(leaseId));
  };
}
