/** What the sweeper needs of the store: who is overdue, and what is past its retention. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../domain/request.js";
import { deliveryId } from "../ids.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

const PUT_OFF_MS = 60_000;

export function createMaintenance(redis: Redis, keys: Keys, scripts: Scripts, now: () => number) {
  return { overdueRequests, overdueDeliveries, expiredRequests, erase, openCount };

  /** At most `limit` open requests per organization whose next step is overdue; each is put off by a minute. */
  function overdueRequests(limit: number): Promise<RequestRef[]> {
    return claim(keys.openRequests, limit);
  }

  function overdueDeliveries(limit: number): Promise<RequestRef[]> {
    return claim(keys.openDeliveries, limit);
  }

  async function claim(keyOf: (organization: string) => string, limit: number): Promise<RequestRef[]> {
    const found = await eachOrganization(async (organization) => {
      const at = now();
      const ids = await scripts.claimOverdue({ keys: [keyOf(organization)], args: [at, at + PUT_OFF_MS, limit] });
      return (ids as string[]).map((id) => ({ organization, id }));
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

  /** Erases a request with its delivery and its places in the indexes. */
  async function erase({ organization, id }: RequestRef): Promise<void> {
    const delivery = deliveryId(id);
    await redis
      .multi()
      .del(keys.request(organization, id), keys.delivery(organization, delivery))
      .zrem(keys.openRequests(organization), id)
      .zrem(keys.openDeliveries(organization), delivery)
      .zrem(keys.allRequests(organization), id)
      .exec();
  }

  async function openCount(): Promise<number> {
    const counts = await eachOrganization((organization) => redis.zcard(keys.openRequests(organization)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async function eachOrganization<T>(visit: (organization: string) => Promise<T>): Promise<T[]> {
    const organizations = await redis.smembers(keys.organizations());
    return Promise.all(organizations.map(visit));
  }
}
