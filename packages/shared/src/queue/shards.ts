/**
 * The shards of queues (docs/adr/0019-queue-shards.md). A queue is in one slot of a Redis Cluster, and so on one node; its
 * shards are queues of their own, on different nodes. The id of a request or delivery decides its shard.
 *
 * Processes may run with different numbers of shards, for example while QUEUE_SHARDS is being changed. Each tells its
 * number in Redis. Workers take jobs from all shards of all numbers, and the job of a request is looked for at its place
 * under each of them. So a job is never out of reach. Two jobs of one request do no harm: the record decides.
 */
import type { Redis } from "../store/connection/connect.js";
import type { RedisClock } from "../store/connection/redis-clock.js";
import { slotOf } from "../store/connection/slot.js";
import { createKeys } from "../store/keys.js";
import { MAINTENANCE_QUEUE } from "./messages.js";
import { shardName } from "./shard-name.js";

export interface Shards {
  /** With how many this process makes jobs. */
  readonly own: number;
  /** Every number in use: the own one first. */
  counts(): readonly number[];
  /** The names of all shards of the queue that may have jobs. */
  namesOf(queue: string): string[];
  /** The shards that the job of this id may be in. It is made in the first. */
  placesOf(queue: string, id: string): [string, ...string[]];
}

/** `counts`: every number in use, the own one first. */
export function shardsOf(counts: () => readonly [number, ...number[]]): Shards {
  const placeOf = (queue: string, id: string) => (count: number) =>
    count === 1 ? queue : shardName(queue, slotOf(id) % count);
  return {
    get own() {
      return counts()[0];
    },
    counts,
    namesOf(queue) {
      const all = queue === MAINTENANCE_QUEUE ? 1 : Math.max(...counts());
      return Array.from({ length: all }, (_, index) => shardName(queue, index));
    },
    placesOf(queue, id) {
      const [own, ...others] = counts();
      const place = placeOf(queue, id);
      if (others.length === 0) return [place(own)];
      const [first = place(own), ...rest] = new Set([own, ...others].map(place));
      return [first, ...rest];
    },
  };
}

/** Every queue is one queue. */
export const UNSHARDED = shardsOf(() => [1]);

/**
 * A number stays in use for so long after the last process with it has ended. Hardly a job sleeps longer. The sweeper wakes
 * what has not run by then, which makes its job in a shard that is read.
 */
const KEPT_MS = 86_400_000;
const EVERY_MS = 5000;

export interface ShardsOptions {
  redis: Redis;
  /** QUEUE_SHARDS. */
  own: number;
  clock: Pick<RedisClock, "now" | "untilKnown">;
  prefix?: string;
  everyMs?: number;
  /** Called when Redis did not answer. Everything goes on with what is known. */
  onError(error: unknown): void;
}

export interface WatchedShards extends Shards {
  /** Resolves when the numbers of other processes are known. */
  known: Promise<void>;
  /** Calls `listener` when there are more shards than before. */
  onMore(listener: () => void): void;
  close(): void;
}

/** Tells the other processes the number of this one, and learns theirs. */
export function watchShards({ redis, own, clock, prefix, everyMs = EVERY_MS, onError }: ShardsOptions): WatchedShards {
  const key = createKeys(prefix).shardCounts();
  let others: number[] = [];
  const listeners: (() => void)[] = [];
  const shards = shardsOf(() => [own, ...others]);
  let isKnown = () => {};
  const known = new Promise<void>((resolve) => {
    isKnown = resolve;
  });

  async function tell(): Promise<void> {
    await clock.untilKnown();
    const now = clock.now();
    await redis.hset(key, String(own), now);
    const seen = Object.entries(await redis.hgetall(key)).map(([count, at]) => ({
      count: Number(count),
      at: Number(at),
    }));
    const before = Math.max(...shards.counts());
    const isInUse = ({ at }: { at: number }) => now - at < KEPT_MS;
    others = seen
      .filter((one) => one.count !== own && isInUse(one))
      .sort((one, other) => other.at - one.at)
      .map(({ count }) => count);
    for (const one of seen) if (!isInUse(one)) await redis.hdel(key, String(one.count));
    isKnown();
    if (Math.max(...shards.counts()) > before) for (const listener of listeners) listener();
  }

  const tellAgain = () => void tell().catch(onError);
  const timer = setInterval(tellAgain, everyMs);
  timer.unref();
  redis.on("ready", tellAgain);
  if (redis.status === "ready") tellAgain();
  return {
    ...shards,
    known,
    onMore: (listener) => void listeners.push(listener),
    close() {
      clearInterval(timer);
      redis.off("ready", tellAgain);
    },
  };
}
