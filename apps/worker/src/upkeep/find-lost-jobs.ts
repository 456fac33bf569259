/**
 * When a connection breaks, Redis may have assigned jobs to this process in an answer that never arrived: we hold their
 * locks, but no process runs them. After a reconnect they are moved back; otherwise they would wait until the locks
 * expire.
 */

import type { Freed } from "@visgate/shared/queue";
import type { Logger } from "@visgate/shared/runtime";
import type { RunningJobs } from "../consume.js";

/** Commands that were sent again over the new connection have been answered by then. */
const AFTER_MS = 2000;

export interface FindLostJobsOptions {
  running: RunningJobs;
  free(queue: string, running: ReadonlySet<string>): Promise<Freed>;
  log: Logger;
  afterMs?: number;
}

/** Returns the function to call after each reconnect. */
export function createLostJobsFinder({ running, free, log, afterMs = AFTER_MS }: FindLostJobsOptions): () => void {
  async function find(queue: string, tokens: ReadonlySet<string>): Promise<void> {
    const { count } = await free(queue, tokens);
    if (count > 0) log.info({ queue, jobs: count }, "jobs that were lost with a connection go on");
  }
  return () => {
    setTimeout(() => {
      for (const [queue, tokens] of running)
        find(queue, tokens).catch((error) => log.warn({ queue, err: error }, "lost jobs were not looked for"));
    }, afterMs).unref();
  };
}
