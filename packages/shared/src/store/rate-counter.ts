/**
 * Counts calls in windows of a minute, over all API processes: rate-limiter-flexible with a script of our own
 * (lua/count_calls.lua). All calls at one counter in one turn of the event loop are counted by one command, since a
 * command costs as much as a tenth of a submit.
 */
import type { Redis } from "ioredis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { RATE_WINDOW_SECONDS } from "../organization/rate-limits.js";
import { gatherWrites } from "./connection/connect.js";
import { readScript } from "./scripts.js";

/** Limiters are kept by their maximum. Above this number all are made again, which costs only time. */
const MAX_LIMITERS = 1000;

/** One call at a counter. */
export interface Counted {
  isRefused: boolean;
  /** Calls that still have room in the window after this one. */
  remaining: number;
  /** Until the window ends. */
  leftMs: number;
}

interface Batch {
  calls: number;
  /** What the library found for all calls of the batch. */
  found: Promise<RateLimiterRes>;
}

export function createRateCounter(redis: Redis) {
  const customIncrTtlLuaScript = readScript("count_calls");
  const limiters = new Map<number, RateLimiterRedis>();
  const batches = new Map<string, Batch>();

  function limiterOf(maximum: number): RateLimiterRedis {
    const known = limiters.get(maximum);
    if (known !== undefined) return known;
    if (limiters.size >= MAX_LIMITERS) limiters.clear();
    const window = { points: maximum, duration: RATE_WINDOW_SECONDS };
    const limiter = new RateLimiterRedis({ storeClient: redis, keyPrefix: "", customIncrTtlLuaScript, ...window });
    limiters.set(maximum, limiter);
    return limiter;
  }

  function beginBatch(key: string, maximum: number, id: string): Batch {
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    const batch: Batch = { calls: 0, found: turn.then(() => send()) };
    batches.set(id, batch);
    return batch;

    function send(): Promise<RateLimiterRes> {
      batches.delete(id);
      gatherWrites(redis);
      return limiterOf(maximum).consume(key, batch.calls).catch(refusalOf);
    }
  }

  return {
    /** Rejects when Redis fails. */
    async count(key: string, maximum: number): Promise<Counted> {
      const id = `${maximum} ${key}`;
      const batch = batches.get(id) ?? beginBatch(key, maximum, id);
      batch.calls += 1;
      const place = batch.calls;
      const { consumedPoints, msBeforeNext } = await batch.found;
      const counted = consumedPoints - batch.calls + place;
      return { isRefused: counted > maximum, remaining: Math.max(maximum - counted, 0), leftMs: msBeforeNext };
    },

    /** Takes a counted call back. */
    async takeBack(key: string, maximum: number): Promise<void> {
      await limiterOf(maximum).reward(key);
    },
  };
}

/** The library rejects when at least one of the calls is refused. */
function refusalOf(error: unknown): RateLimiterRes {
  if (error instanceof RateLimiterRes) return error;
  throw error;
}
