/** What the sweeper needs of the store: overdue requests and deliveries, and requests past their retention. */
import type { Redis } from "ioredis";
import { requestTime } from "../ids.js";
import { releasingEntry } from "../money/ledger.js";
import type { RequestRef } from "../request/record.js";
import type { Keys } from "./keys.js";
import { releaseArguments } from "./ledger.js";
import { createProviderJobs } from "./provider-jobs.js";
import type { StoredRequest } from "./requests.js";
import type { Scripts } from "./scripts.js";

const POSTPONE_MS = 60_000;
const ERASE_BATCH = 500;
const OPEN_PAGE = 1000;
/** Time for an API to withdraw a request whose acceptance it did not learn of, even if it is cut off from Redis. */
const ORPHAN_GRACE_MS = 30_000;

export function createMaintenance(redis: Redis, keys: Keys, scripts: Scripts, now: () => number) {
  const providerJobs = createProviderJobs(redis, keys);
  return {
    overdueRequests,
    overdueDeliveries,
    postponeOrphan,
    expiredRequests,
    expiredHolds,
    erase,
    eraseAlertDeliveries,
    forget,
    trash,
    clearedTrash,
    openCount,
    openBefore,
    organizations,
  };

  /** At most `limit` overdue open requests per organization. Each is due again after a minute. */
  function overdueRequests(limit: number): Promise<RequestRef[]> {
    return claim(keys.openRequests, limit);
  }

  function overdueDeliveries(limit: number): Promise<RequestRef[]> {
    return claim(keys.openDeliveries, limit);
  }

  /** True the first time that an overdue request which no worker has started is seen: it is due again soon. */
  async function postponeOrphan({ organization, id }: RequestRef): Promise<boolean> {
    const postponed = await scripts.postponeOrphan({
      keys: [keys.request(organization, id), keys.openRequests(organization)],
      args: [id, now() + ORPHAN_GRACE_MS],
    });
    return postponed === 1;
  }

  async function claim(keyOf: (organization: string) => string, limit: number): Promise<RequestRef[]> {
    const found = await eachOrganization(async (organization) => {
      const at = now();
      const ids = await scripts.claimOverdue({ keys: [keyOf(organization)], args: [at, at + POSTPONE_MS, limit] });
      return (ids as string[]).map((id) => ({ organization, id }));
    });
    return found.flat();
  }

  /** Requests with an unknown charge that have held their money for too long. */
  async function expiredHolds(limit: number): Promise<RequestRef[]> {
    const found = await eachOrganization(async (organization) => {
      const ids = await redis.zrangebyscore(keys.unknownHolds(organization), "-inf", now(), "LIMIT", 0, limit);
      return ids.map((id) => ({ organization, id }));
    });
    return found.flat();
  }

  /** Requests created before `createdBefore` (ms), oldest first. */
  async function expiredRequests(createdBefore: number, limit: number): Promise<RequestRef[]> {
    const found = await eachOrganization(async (organization) => {
      const index = keys.allRequests(organization);
      const ids = await redis.zrangebyscore(index, "-inf", createdBefore, "LIMIT", 0, limit);
      return ids.map((id) => ({ organization, id }));
    });
    return found.flat();
  }

  /** Erases a request and everything of it in Redis. False when it has changed since it was read. */
  async function erase({ rev, doc }: StoredRequest): Promise<boolean> {
    const { organization, id, cache } = doc;
    const isOwn = cache.sharedFrom === null || cache.sharedFrom.organization !== organization;
    const erased = await scripts.erase({
      keys: [
        keys.request(organization, id),
        keys.openRequests(organization),
        keys.allRequests(organization),
        keys.cacheEntry(organization, cache.hash ?? "none"),
        keys.trash(organization),
      ],
      args: [
        ...[rev, id, keys.all(organization), isOwn ? id : (cache.sharedFrom?.id ?? id)],
        ...releaseArguments(releasingEntry(doc), doc),
      ],
    });
    if (erased !== 1) return false;
    await redis.zrem(keys.unsettled(organization, doc.call.hash), id);
    if (doc.heldMicro > 0) await redis.zrem(keys.unknownHolds(organization), id);
    for (const { provider, providerRequestId: job } of [doc, ...(doc.fallback?.tried ?? [])]) {
      if (job !== null) await providerJobs.release(provider, job, doc);
    }
    return true;
  }

  /** Erases the deliveries of alerts from before `before` (ms). */
  async function eraseAlertDeliveries(organization: string, before: number): Promise<void> {
    const index = keys.alertDeliveries(organization);
    for (;;) {
      const ids = await redis.zrangebyscore(index, "-inf", before, "LIMIT", 0, ERASE_BATCH);
      if (ids.length === 0) return;
      await redis
        .multi()
        .del(ids.map((id) => keys.delivery(organization, id)))
        .zrem(keys.openDeliveries(organization), ids)
        .zrem(keys.failedDeliveries(organization), ids)
        .zrem(keys.allDeliveries(organization), ids)
        .zrem(index, ids)
        .exec();
    }
  }

  /** Removes an id without a record from the indexes. */
  async function forget({ organization, id }: RequestRef): Promise<void> {
    await redis.multi().zrem(keys.openRequests(organization), id).zrem(keys.allRequests(organization), id).exec();
  }

  /** Folders to remove from the output store, relative to the organization's folder. */
  function trash(organization: string): Promise<string[]> {
    return redis.smembers(keys.trash(organization));
  }

  async function clearedTrash(organization: string, folder: string): Promise<void> {
    await redis.srem(keys.trash(organization), folder);
  }

  function organizations(): Promise<string[]> {
    return redis.smembers(keys.organizations());
  }

  /**
   * The ids of the open requests that were made before `before` (ms), oldest first. The index is sorted by another time,
   * so it is read as a whole, page by page: one that moves meanwhile may be left out.
   */
  async function openBefore(organization: string, before: number): Promise<string[]> {
    const old = new Set<string>();
    for (let from = 0; ; from += OPEN_PAGE) {
      const ids = await redis.zrange(keys.openRequests(organization), from, `${from + OPEN_PAGE - 1}`);
      for (const id of ids) if (requestTime(id) < before) old.add(id);
      if (ids.length < OPEN_PAGE) return [...old].toSorted();
    }
  }

  async function openCount(): Promise<number> {
    const counts = await eachOrganization((organization) => redis.zcard(keys.openRequests(organization)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async function eachOrganization<T>(visit: (organization: string) => Promise<T>): Promise<T[]> {
    return Promise.all((await organizations()).map(visit));
  }
}
