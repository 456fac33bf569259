/**
 * The outbox of a queue: requests that were accepted, and that no worker has begun. A worker takes many at once, runs
 * their first step, and only then makes their jobs, which sleep: a job that is made only to be run at once costs Redis
 * more than the acceptance (docs/adr/0016-the-outbox.md).
 */
import type { Redis } from "ioredis";
import { type Shards, UNSHARDED } from "../queue/shards.js";
import type { RequestRef } from "../request/record.js";
import { isRedisAway } from "./connection/connect.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";
import { createTurnBatches } from "./turn-batches.js";

export interface Taken {
  /** How many left the outbox. 0: it is empty. */
  count: number;
  /** Those that have no job yet. */
  refs: RequestRef[];
}

/** Redis unpacks the arguments of a call on a stack of 8,000 values. */
const MAX_BATCH = 1000;

/** A Redis that restarts is away for about this long, 10 s in all. */
const MAX_PUSHES = 40;
const PUSH_AGAIN_MS = 250;

const entryOf = ({ organization, id }: RequestRef): string => `${organization} ${id}`;

function refOf(entry: string): RequestRef {
  const [organization = "", id = ""] = entry.split(" ");
  return { organization, id };
}

export function createOutbox(redis: Redis, keys: Keys, scripts: Scripts, shards: Shards = UNSHARDED) {
  const underWay = new Set<Promise<void>>();

  const push = createTurnBatches<string, void>(MAX_BATCH, async (shard, entries) => {
    for (let tries = 1; ; tries += 1) {
      try {
        await scripts.pushOutbox({ keys: [keys.outbox(shard), keys.outboxBell(shard)], args: entries });
        return [];
      } catch (error) {
        // An entry that arrives twice does no harm, and the sweeper would begin its request only after 40 s.
        if (tries >= MAX_PUSHES || !isRedisAway(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, PUSH_AGAIN_MS));
      }
    }
  });
  const settle = createTurnBatches<string, void>(MAX_BATCH, async (shardAndLease, entries) => {
    const [shard = "", lease = ""] = shardAndLease.split(" ");
    await scripts.settleOutbox({ keys: [keys.outboxTaken(shard)], args: [lease, ...entries] });
    return [];
  });

  /** `shard`: as all below, except where it says `queue`. */
  async function shardCounts(shard: string): Promise<{ waiting: number; active: number }> {
    const [waiting, active] = await Promise.all([redis.llen(keys.outbox(shard)), redis.hlen(keys.outboxTaken(shard))]);
    return { waiting, active };
  }

  return {
    /**
     * Those of one turn of the event loop go in one call, which is repeated while Redis is away. When it is lost with its
     * process, the sweeper finds the request.
     */
    push(queue: string, ref: RequestRef): Promise<void> {
      const pushing = push(shards.placesOf(queue, ref.id)[0], entryOf(ref));
      const over = pushing.catch(() => {}).finally(() => underWay.delete(over));
      underWay.add(over);
      return pushing;
    },

    /** Resolves when everything that was pushed has arrived, or failed. */
    async pushed(): Promise<void> {
      await Promise.all(underWay);
    },

    /** Notes the requests as taken by the process with this lease, until `settle`. */
    async take(shard: string, lease: string, limit: number): Promise<Taken> {
      const [count, ...entries] = (await scripts.takeOutbox({
        keys: [keys.outbox(shard), keys.outboxTaken(shard), keys.outboxBell(shard)],
        args: [lease, limit, keys.jobs(shard)],
      })) as [number, ...string[]];
      return { count, refs: entries.map(refOf) };
    },

    /** For a request that has a job now, or needs no worker any more. */
    settle: (shard: string, lease: string, ref: RequestRef): Promise<void> => settle(`${shard} ${lease}`, entryOf(ref)),

    /** What the process with this lease has taken. */
    async takenBy(shard: string, lease: string): Promise<RequestRef[]> {
      const taken = Object.entries(await redis.hgetall(keys.outboxTaken(shard)));
      return taken.flatMap(([entry, owner]) => (owner === lease ? [refOf(entry)] : []));
    },

    /** Gives other processes what this one took. Returns how many it still had. */
    async giveBack(shard: string, lease: string, refs: readonly RequestRef[]): Promise<number> {
      if (refs.length === 0) return 0;
      const given = await scripts.returnOutbox({
        keys: [keys.outbox(shard), keys.outboxTaken(shard), keys.outboxBell(shard)],
        args: [lease, ...refs.map(entryOf)],
      });
      return given as number;
    },

    /** `waiting`: in the outbox. `active`: taken. */
    async counts(queue: string): Promise<{ waiting: number; active: number }> {
      const all = await Promise.all(shards.namesOf(queue).map(shardCounts));
      return all.reduce((sum, one) => ({ waiting: sum.waiting + one.waiting, active: sum.active + one.active }));
    },

    shardCounts,

    /**
     * Waits for entries, on a connection that does nothing else. Resolves with the shard that has some; with null after
     * the time, since a ring may be lost together with the process that heard it.
     */
    async untilRung(blocking: Redis, shards: readonly string[], seconds: number): Promise<string | null> {
      const rung = await blocking.blpop(shards.map(keys.outboxBell), seconds);
      return shards.find((shard) => keys.outboxBell(shard) === rung?.[0]) ?? null;
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;
