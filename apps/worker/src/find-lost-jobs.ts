/**
 * Jobs that were handed to this process in an answer that was lost with its connection: their locks are ours, and nobody
 * runs them. They would stand still until the locks expire; so they are put back whenever the connection is back.
 */
import type { Logger } from "@visgate/shared/log";
import type { Freed } from "@visgate/shared/queue/take-over";
import type { RunningJobs } from "./consume.js";

/** What was sent again over the new connection has been answered by then. */
const AFTER_MS = 2000;

export interface FindLostJobsOptions {
  running: RunningJobs;
  free(queue: string, running: ReadonlySet<string>): Promise<Freed>;
  log: Logger;
  afterMs?: number;
}

/** The function to call when the connection is back. */
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
