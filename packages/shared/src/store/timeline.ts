/** Time lines in Redis: the changes of a request, numbered from 1. They are written by its transitions. */
import type { Redis } from "ioredis";
import type { Change } from "../domain/change.js";
import type { RequestRef } from "../domain/request.js";
import type { Keys } from "./keys.js";

export function createTimeline(redis: Redis, keys: Keys) {
  return {
    /** The changes after number `after` (0: all), oldest first. */
    async changes({ organization, id }: RequestRef, after = 0): Promise<Change[]> {
      const entries = await redis.lrange(keys.timeline(organization, id), after, -1);
      return entries.map((entry) => JSON.parse(entry));
    },

    /** Null when there is none of that number. */
    async change({ organization, id }: RequestRef, number: number): Promise<Change | null> {
      const entry = await redis.lindex(keys.timeline(organization, id), number - 1);
      return entry === null ? null : JSON.parse(entry);
    },
  };
}
