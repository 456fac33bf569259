/**
 * Counts calls in windows of a minute, over all API processes: rate-limiter-flexible with a script of our own
 * (lua/count_calls.lua). All calls at one counter in one turn of the event loop are counted by one command, since a
 * command costs as much as a tenth of a submit. Under a large limit, a process counts some calls in advance and keeps
 * them in reserve until the window ends, so that not every turn needs a command.
 */
import type { Redis } from "ioredis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { RATE_WINDOW_SECONDS } from "../organization/rate-limits.js";
import { gatherWrites } from "./connection/connect.js";
import { readScript } from "./scripts.js";

/** Limiters are kept by their maximum. Above this number all are made again, which costs only time. */
const MAX_LIMITERS = 1000;
/** The part of a limit that a process may keep in reserve. Other processes refuse at most that many calls too early. */
const RESERVE_SHARE = 0.01;
const MAX_RESERVE = 50;
/** Above this number all reserves are dropped: their calls stay counted, although they were not made. */
const MAX_RESERVES = 10_000;

/** One call at a counter. */
export interface Counted {
  isRefused: boolean;
  /** Calls that still have room in the window after this one. */
  remaining: number;
  /** Until the window ends. */
  leftMs: number;
  /** By `performance.now()`. Never too late: it is reckoned from before the command was sent. */
  windowEndsAt: number;
}

interface Batch {
  calls: number;
  found: Promise<CountedBatch>;
}

interface CountedBatch extends Pick<Counted, "leftMs" | "windowEndsAt"> {
  /** Calls in the window, as if all of the batch were counted, and without the reserve. */
  counted: number;
}

/** Calls that are counted already, but not made yet. */
interface Reserve {
  calls: number;
  /** Room that was left for all processes when the reserve was counted. */
  remaining: number;
  windowEndsAt: number;
}

export function createRateCounter(redis: Redis) {
  const customIncrTtlLuaScript = readScript("count_calls");
  const limiters = new Map<number, RateLimiterRedis>();
  const batches = new Map<string, Batch>();
  const reserves = new Map<string, Reserve>();

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

    async function send(): Promise<CountedBatch> {
      batches.delete(id);
      gatherWrites(redis);
      const wanted = batch.calls + reserveOf(maximum);
      const sentAt = performance.now();
      const { consumedPoints, msBeforeNext: leftMs } = await limiterOf(maximum).consume(key, wanted).catch(refusalOf);
      const found = { counted: consumedPoints - wanted + batch.calls, leftMs, windowEndsAt: sentAt + leftMs };
      keepReserve(id, maximum, found);
      return found;
    }
  }

  function keepReserve(id: string, maximum: number, { counted, windowEndsAt }: CountedBatch): void {
    const calls = Math.min(reserveOf(maximum), maximum - counted);
    if (calls <= 0) return;
    // Calls may have been taken back in the meantime.
    const takenBack = reserveAt(id)?.calls ?? 0;
    if (reserves.size >= MAX_RESERVES) reserves.clear();
    const remaining = maximum - counted - calls;
    reserves.set(id, { calls: calls + takenBack, remaining, windowEndsAt });
  }

  /** Null when there is none in the current window. */
  function reserveAt(id: string): Reserve | null {
    const reserve = reserves.get(id);
    if (reserve === undefined) return null;
    if (performance.now() < reserve.windowEndsAt) return reserve;
    reserves.delete(id);
    return null;
  }

  async function countInBatch(key: string, maximum: number, id: string): Promise<Counted> {
    const batch = batches.get(id) ?? beginBatch(key, maximum, id);
    batch.calls += 1;
    const place = batch.calls;
    const { leftMs, windowEndsAt, ...found } = await batch.found;
    const counted = found.counted - batch.calls + place;
    return { isRefused: counted > maximum, remaining: Math.max(maximum - counted, 0), leftMs, windowEndsAt };
  }

  return {
    /** Returns at once when the reserve has a call left. Otherwise asks Redis, and rejects when Redis fails. */
    count(key: string, maximum: number): Counted | Promise<Counted> {
      const id = idOf(key, maximum);
      const reserve = reserveAt(id);
      if (reserve === null || reserve.calls === 0) return countInBatch(key, maximum, id);
      reserve.calls -= 1;
      const remaining = reserve.remaining + reserve.calls;
      const { windowEndsAt } = reserve;
      return { isRefused: false, remaining, leftMs: windowEndsAt - performance.now(), windowEndsAt };
    },

    /**
     * Takes a counted call back, unless its window has ended: a later window never counted it. The reserve does not
     * grow by it, because other processes would refuse calls that have room.
     */
    async takeBack(key: string, maximum: number, { windowEndsAt }: Pick<Counted, "windowEndsAt">): Promise<void> {
      if (performance.now() >= windowEndsAt) return;
      const reserve = reserveAt(idOf(key, maximum));
      if (reserve !== null && reserve.calls < reserveOf(maximum)) {
        reserve.calls += 1;
        return;
      }
      if (reserve !== null) reserve.remaining += 1;
      await limiterOf(maximum).reward(key);
    },
  };
}

const idOf = (key: string, maximum: number): string => `${maximum} ${key}`;

const reserveOf = (maximum: number): number => Math.min(Math.floor(maximum * RESERVE_SHARE), MAX_RESERVE);

/** The library rejects when at least one of the calls is refused. */
function refusalOf(error: unknown): RateLimiterRes {
  if (error instanceof RateLimiterRes) return error;
  throw error;
}
