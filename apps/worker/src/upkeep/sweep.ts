/**
 * The sweeper: every open record sits in an index by when its next step is due. What is overdue gets a wake-up, which
 * is a no-op where a job exists. It heals a crash between record and enqueue, a job that BullMQ gave up on, and a queue
 * restored from an older copy. A request that no worker has started is postponed once: its API may be about to withdraw
 * it. Requests past their retention are erased.
 */
import { isTerminal } from "@visgate/shared/request";
import { emptyTrash, eraseRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

const BATCH = 500;
const DAY_MS = 86_400_000;

export async function sweep(deps: Deps): Promise<void> {
  const { maintenance, requests } = deps.store;
  for (const ref of await maintenance.overdueRequests(BATCH)) {
    const stored = await requests.get(ref);
    if (stored === null) await maintenance.forget(ref);
    else if (!(await maintenance.postponeOrphan(ref))) await deps.producer.wakeRequest(stored.doc.provider, ref);
  }
  for (const ref of await maintenance.overdueDeliveries(BATCH)) await deps.producer.wakeDelivery(ref);
  for (const organization of await maintenance.organizations()) await emptyTrash(deps, organization);
}

export async function prune(deps: Deps): Promise<void> {
  while (await pruneBatch(deps));
  const { feed, maintenance } = deps.store;
  for (const organization of await maintenance.organizations()) await feed.trim(organization, retainedFrom(deps));
}

const retainedFrom = (deps: Deps) => deps.clock.now() - deps.settings.retentionDays * DAY_MS;

/** True when there may be more. Open requests stay, however old: they are at most a deadline away from their end. */
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
