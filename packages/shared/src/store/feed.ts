/** The feed in Redis: an organization's events under consecutive numbers from 1. They are written by transitions. */
import type { Redis } from "ioredis";
import type { EventType } from "../request/public-event.js";
import type { Keys } from "./keys.js";

export interface FeedEntry {
  sequence: number;
  type: EventType;
  requestId: string;
  /** The entry of the request's time line, from 1. */
  change: number;
  at: number;
}

export interface FeedBounds {
  /** Of the first that is kept; latest + 1 when none is. */
  oldest: number;
  /** 0 when there was none yet. */
  latest: number;
}

const TRIM_BATCH = 500;

export function createFeed(redis: Redis, keys: Keys) {
  return { read, bounds, trim };

  /** At most `limit` entries after number `after`, in order, without a gap. */
  async function read(organization: string, after: number, limit: number): Promise<FeedEntry[]> {
    const entries = await redis.xrange(keys.feed(organization), `${after + 1}-0`, "+", "COUNT", limit);
    return entries.map(entryOf);
  }

  async function bounds(organization: string): Promise<FeedBounds> {
    // One after the other: an event in between must not make an empty feed look as if it had lost one.
    const latest = await redis.get(keys.feedSequence(organization));
    const [first] = await read(organization, 0, 1);
    return { oldest: first?.sequence ?? Number(latest ?? 0) + 1, latest: Number(latest ?? 0) };
  }

  /** Forgets what happened before `before` (ms). */
  async function trim(organization: string, before: number): Promise<void> {
    for (let after = 0; ; ) {
      const entries = await read(organization, after, TRIM_BATCH);
      const old = entries.filter(({ at }) => at < before);
      const last = old.at(-1)?.sequence;
      if (last === undefined) return;
      await redis.xtrim(keys.feed(organization), "MINID", "=", `${last + 1}-0`);
      if (old.length < entries.length) return;
      after = last;
    }
  }
}

function entryOf([id, fields]: [string, string[]]): FeedEntry {
  const value = (name: string) => fields[fields.indexOf(name) + 1] ?? "";
  return {
    sequence: Number(id.slice(0, id.indexOf("-"))),
    type: value("type") as EventType,
    requestId: value("id"),
    change: Number(value("change")),
    at: Number(value("at")),
  };
}
