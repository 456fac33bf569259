/** Time lines in Redis: the changes of a request, numbered from 1. lua/events.lua writes them. */
import type { Redis } from "ioredis";
import type { Change } from "../request/change.js";
import type { RequestRecord, RequestRef } from "../request/record.js";
import { gatherWrites } from "./connection/connect.js";
import type { Keys } from "./keys.js";
import { readRecord } from "./requests.js";

/** A record and its changes, read at the same moment: the last change is the latest of the record. */
export interface History {
  record: RequestRecord;
  changes: Change[];
}

export function createTimeline(redis: Redis, keys: Keys) {
  return {
    /** The record with its changes after number `after` (0: all); null when there is no such request. */
    async history({ organization, id }: RequestRef, after = 0): Promise<History | null> {
      gatherWrites(redis);
      const results = await redis
        .multi()
        .hget(keys.request(organization, id), "doc")
        .lrange(keys.timeline(organization, id), after, -1)
        .exec();
      const [doc, entries] = (results ?? []).map(unwrap) as [string | null, string[]];
      return doc === null ? null : { record: readRecord(doc), changes: entries.map((entry) => JSON.parse(entry)) };
    },

    /** The changes after number `after` (0: all), oldest first. */
    async changes({ organization, id }: RequestRef, after = 0): Promise<Change[]> {
      const entries = await redis.lrange(keys.timeline(organization, id), after, -1);
      return entries.map((entry) => JSON.parse(entry));
    },

    /** Null when there is no change with that number. */
    async change({ organization, id }: RequestRef, number: number): Promise<Change | null> {
      const entry = await redis.lindex(keys.timeline(organization, id), number - 1);
      return entry === null ? null : JSON.parse(entry);
    },
  };
}

function unwrap([error, value]: [Error | null, unknown]): unknown {
  if (error !== null) throw error;
  return value;
}
