/** Time lines in Redis: the changes of a request, numbered from 1. lua/events.lua writes them. */
import type { Redis } from "ioredis";
import type { Change } from "../request/change.js";
import type { RequestRecord, RequestRef } from "../request/record.js";
import { createColdReader } from "./cold-requests.js";
import { gatherWrites } from "./connection/connect.js";
import type { Keys } from "./keys.js";
import { readRecord } from "./requests.js";

/** A record and its changes, read at the same moment: the last change is the latest of the record. */
export interface History {
  record: RequestRecord;
  changes: Change[];
}

export function createTimeline(redis: Redis, keys: Keys) {
  const readCold = createColdReader(redis, keys);
  return { history, changes, change };

  /** The record with its changes after number `after` (0: all); null when there is no such request. */
  async function history(ref: RequestRef, after = 0): Promise<History | null> {
    const { organization, id } = ref;
    gatherWrites(redis);
    const results = await redis
      .multi()
      .hmget(keys.request(organization, id), "doc", "folded")
      .lrange(keys.timeline(organization, id), after, -1)
      .exec();
    const [[doc, folded], entries] = (results ?? []).map(unwrap) as [[string | null, string | null], string[]];
    if (folded !== null) return coldHistory(ref, doc, after);
    return doc === null ? null : { record: readRecord(doc), changes: entries.map(readChange) };
  }

  /** `doc`: the record, if it was changed in its cold form. A frozen request seldom changes, so it is read once more. */
  async function coldHistory(ref: RequestRef, doc: string | null, after: number): Promise<History | null> {
    const [cold, later] = await Promise.all([
      readCold(ref),
      redis.lrange(keys.timeline(ref.organization, ref.id), 0, -1),
    ]);
    if (cold === null) return null;
    return { record: readRecord(doc ?? cold.doc), changes: [...cold.changes, ...later].slice(after).map(readChange) };
  }

  /** The changes after number `after` (0: all), oldest first. */
  async function changes(ref: RequestRef, after = 0): Promise<Change[]> {
    return (await history(ref, after))?.changes ?? [];
  }

  /** Null when there is no change with that number. */
  async function change(ref: RequestRef, number: number): Promise<Change | null> {
    const { organization, id } = ref;
    const [folded, entry] = await Promise.all([
      redis.hget(keys.request(organization, id), "folded"),
      redis.lindex(keys.timeline(organization, id), number - 1),
    ]);
    if (folded !== null) return (await history(ref))?.changes[number - 1] ?? null;
    return entry === null ? null : readChange(entry);
  }
}

const readChange = (entry: string): Change => JSON.parse(entry);

function unwrap([error, value]: [Error | null, unknown]): unknown {
  if (error !== null) throw error;
  return value;
}
