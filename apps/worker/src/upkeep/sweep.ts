/**
 * The sweeper. An index holds every open record, sorted by the time its next step is due. A record that is overdue gets
 * a wake-up, which does nothing when its job exists. This repairs a crash between record and job, a job that BullMQ
 * gave up or lost, and a queue restored from an older backup. A request that no worker has started is postponed once:
 * the API may be about to withdraw it. The pruner erases requests past their retention, and unfinished files of dead
 * processes.
 */
import { ensureSchedules, MAINTENANCE_QUEUE, type ScheduleName, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { isTerminal, type RequestRef } from "@visgate/shared/request";
import { emptyTrash, eraseRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { type QueueWorkerOptions, startWorker, type Worker } from "../queue-worker.js";
import { createAlertWatch } from "./alerts.js";
import { sendMissedEvents } from "./missed-events.js";
import { holdSlot, tidyPools } from "./tidy-pools.js";

const BATCH = 500;
const WARM_MS = 3_600_000;
const FREEZE_BATCH = 100;
/** Every 5 s up to 2,000 requests of an organization, which takes less than half a second. */
const FREEZE_BATCHES = 20;
const DAY_MS = 86_400_000;
/** Longer than any copy may take, and than clocks may differ. */
const LEFTOVER_MS = 3_600_000;
/** Runs the chores on their schedules. Of all workers, the one that gets the job runs it. */
export function maintain(deps: Deps, options: QueueWorkerOptions): Worker {
  const { redis, gate, log } = options;
  // On every connection, because a Redis that comes back may be restored from a backup without the schedules.
  gate.onWritable(() => {
    ensureSchedules(redis, deps.clock.now).catch((error) => {
      if (gate.report(error) === null) log.error({ err: error }, "the schedules were not set");
    });
  });
  const alerts = createAlertWatch(deps);
  const chores: Record<ScheduleName, () => Promise<void>> = {
    sweep: () => sweep(deps),
    alerts: alerts.look,
    prune: () => prune(deps),
  };
  return startWorker(MAINTENANCE_QUEUE, { ...options, concurrency: 1 }, async (job) => {
    await chores[job.name as ScheduleName]?.();
  });
}

export async function sweep(deps: Deps): Promise<void> {
  const { maintenance, requests } = deps.store;
  const overdue = new Map<string, RequestRef[]>();
  for (const ref of await maintenance.overdueRequests(BATCH)) {
    const stored = await requests.get(ref);
    if (stored === null) await maintenance.forget(ref);
    else if (!(await maintenance.postponeOrphan(ref))) {
      await holdSlot(deps, stored.doc);
      const { provider } = stored.doc;
      overdue.set(provider, [...(overdue.get(provider) ?? []), ref]);
    }
  }
  for (const [provider, refs] of overdue) {
    await deps.producer.removeStranded(provider, refs);
    for (const ref of refs) await deps.producer.wakeRequest(provider, ref);
  }
  for (const ref of await maintenance.expiredHolds(BATCH)) await requests.applyTo(ref, { name: "hold_expired" });
  await tidyPools(deps);
  const deliveries = await maintenance.overdueDeliveries(BATCH);
  await deps.producer.removeStranded(WEBHOOKS_QUEUE, deliveries);
  for (const ref of deliveries) await deps.producer.wakeDelivery(ref);
  for (const organization of await maintenance.organizations()) {
    await sendMissedEvents(deps, organization);
    await emptyTrash(deps, organization);
    await freezeEnded(deps, organization);
  }
}

/** Stores requests in their cold form that ended an hour ago. What is too much for one sweep is left to the next. */
async function freezeEnded({ store, clock }: Deps, organization: string): Promise<void> {
  const endedBefore = clock.now() - WARM_MS;
  for (let batches = 0; batches < FREEZE_BATCHES; batches += 1) {
    const count = await store.coldRequests.freezeEnded(organization, endedBefore, FREEZE_BATCH);
    if (count < FREEZE_BATCH) return;
  }
}

export async function prune(deps: Deps): Promise<void> {
  // First, because it may be what the disk has no space for. Without it the rest of the upkeep still runs.
  await deps.outputs
    .removeLeftovers(deps.clock.now() - LEFTOVER_MS)
    .catch((error) => deps.log.warn({ err: error }, "unfinished files of dead processes could not be removed"));
  await deps.outputs
    .removeCallerFiles(retainedFrom(deps))
    .catch((error) => deps.log.warn({ err: error }, "old files of callers could not be removed"));
  while (await pruneBatch(deps));
  const { feed, maintenance } = deps.store;
  for (const organization of await maintenance.organizations()) {
    await feed.trim(organization, retainedFrom(deps));
    await maintenance.eraseAlertDeliveries(organization, retainedFrom(deps));
  }
}

const retainedFrom = (deps: Deps) => deps.clock.now() - deps.settings.retentionDays * DAY_MS;

/** True when there may be more. Open requests stay, no matter how old: each ends at its deadline at the latest. */
async function pruneBatch(deps: Deps): Promise<boolean> {
  const { maintenance, requests } = deps.store;
  const expired = await maintenance.expiredRequests(retainedFrom(deps), BATCH);
  let erased = 0;
  for (const ref of expired) {
    const stored = await requests.get(ref);
    if (stored !== null && !isTerminal(stored.doc.status)) continue;
    if (stored === null) await maintenance.forget(ref);
    else await eraseRequest(deps, stored);
    erased += 1;
  }
  return erased > 0 && expired.length >= BATCH;
}
