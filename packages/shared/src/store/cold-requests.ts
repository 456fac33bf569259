/** Requests in their cold form (cold-form.ts): which can be stored so, and how they are read. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../request/record.js";
import { fromColdForm, toColdForm, type WarmForm } from "./cold-form.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

export type ReadCold = (ref: RequestRef) => Promise<WarmForm | null>;

/** Null when the request has no cold form. Read it only when there is no record: it may be older than the record. */
export function createColdReader(redis: Redis, keys: Keys): ReadCold {
  return async ({ organization, id }) => {
    const cold = await redis.hgetBuffer(keys.request(organization, id), "cold");
    return cold === null ? null : fromColdForm(cold);
  };
}

export function createColdRequests(redis: Redis, keys: Keys, scripts: Scripts) {
  const readCold = createColdReader(redis, keys);

  async function freeze(organization: string, id: string): Promise<void> {
    const [request, timeline, ended] = [
      keys.request(organization, id),
      keys.timeline(organization, id),
      keys.ended(organization),
    ];
    const read = await redis.multi().hmget(request, "rev", "doc").lrange(timeline, 0, -1).exec();
    const [[rev, doc], later] = (read ?? []).map(([error, value]) => {
      if (error !== null) throw error;
      return value;
    }) as [[string | null, string | null], string[]];
    if (rev === null || doc === null) {
      await redis.zrem(ended, id);
      return;
    }
    // A request that was changed in its cold form has the later changes beside it.
    const earlier = (await readCold({ organization, id }))?.changes ?? [];
    const changes = [...earlier, ...later];
    const cold = toColdForm({ doc, changes });
    await scripts.freeze({ keys: [request, timeline, ended], args: [rev, id, cold, changes.length] });
  }

  return {
    /** Stores at most `limit` requests of the organization that ended before `endedBefore` (ms). Returns how many. */
    async freezeEnded(organization: string, endedBefore: number, limit: number): Promise<number> {
      const ids = await redis.zrangebyscore(keys.ended(organization), "-inf", endedBefore, "LIMIT", 0, limit);
      await Promise.all(ids.map((id) => freeze(organization, id)));
      return ids.length;
    },
  };
}
