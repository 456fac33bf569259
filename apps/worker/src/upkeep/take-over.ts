/** Takes over the work of a dead worker process: frees its jobs in every queue, then removes its lease. */

import type { Freed } from "@visgate/shared/queue";
import type { Logger } from "@visgate/shared/runtime";

export interface TakenOver extends Freed {
  /** Of the dead process. */
  lease: string;
  queue: string;
}

export interface TakeOverDeps {
  /** All queues, not only those of this process: the dead one may have taken jobs from others. */
  queues: readonly string[];
  free(leaseId: string, queue: string): Promise<Freed>;
  bury(leaseId: string): Promise<void>;
  /** Called for each queue with freed jobs. The process that freed a job reports it; it may already run elsewhere. */
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
      .catch((error) => log.warn({ lease: leaseId, err: error }, "a take-over failed; the next heartbeat tries again"))
      .finally(() => underWay.delete(leaseId));
  };
}
