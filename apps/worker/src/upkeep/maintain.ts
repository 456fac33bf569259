/** Runs the sweeper and the pruner when their schedules say so, on whichever worker gets the job. */

import { ensureSchedules, MAINTENANCE_QUEUE, type ScheduleName } from "@visgate/shared/queue";
import { type ConsumeOptions, startWorker, type Worker } from "../consume.js";
import type { Deps } from "../deps.js";
import { prune, sweep } from "./sweep.js";

const CHORES: Record<ScheduleName, (deps: Deps) => Promise<void>> = { sweep, prune };

export function maintain(deps: Deps, options: ConsumeOptions): Worker {
  const { redis, log } = options;
  const schedule = () => {
    ensureSchedules(redis).catch((error) => log.error({ err: error }, "the schedules were not set"));
  };
  // At every connection: a Redis that came back may have been restored from before they were set.
  redis.on("ready", schedule);
  if (redis.status === "ready") schedule();
  return startWorker(MAINTENANCE_QUEUE, { ...options, concurrency: 1 }, async (job) => {
    const chore = CHORES[job.name as ScheduleName];
    await chore?.(deps);
  });
}
