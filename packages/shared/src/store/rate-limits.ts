/**
 * Rate limits in Redis, over all API processes: rate-limiter-flexible with a script of our own (lua/count_call.lua).
 * A window of a limit begins with a call and ends a minute later.
 */
import type { Redis } from "ioredis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { ApiKey } from "../organization/api-key.js";
import { RATE_WINDOW_SECONDS, type RateLimit } from "../organization/rate-limits.js";
import { gatherWrites } from "./connection/connect.js";
import type { Keys } from "./keys.js";
import { readScript } from "./scripts.js";

/** Limiters are kept by their maximum. Above this number all are made again, which costs only time. */
const MAX_LIMITERS = 1000;

export interface RateState extends RateLimit {
  /** What is left of the window. */
  remaining: number;
  /** Until the window ends, rounded up. */
  resetSeconds: number;
}

export interface CountedCall {
  /** Of each limit that was asked; those after the one that refused the call were not. */
  states: RateState[];
  /** The limit that refuses the call. Then it counts nowhere. */
  refusedBy: RateState | null;
}

type Caller = Pick<ApiKey, "organization" | "id">;

export function createRateLimits(redis: Redis, keys: Keys) {
  const customIncrTtlLuaScript = readScript("count_call");
  const limiters = new Map<number, RateLimiterRedis>();

  function limiterOf({ maximum }: RateLimit): RateLimiterRedis {
    const known = limiters.get(maximum);
    if (known !== undefined) return known;
    if (limiters.size >= MAX_LIMITERS) limiters.clear();
    const window = { points: maximum, duration: RATE_WINDOW_SECONDS };
    const limiter = new RateLimiterRedis({ storeClient: redis, keyPrefix: "", customIncrTtlLuaScript, ...window });
    limiters.set(maximum, limiter);
    return limiter;
  }

  const keyOf = ({ organization, id }: Caller, { name }: RateLimit) =>
    name === "api_key" ? keys.keyRate(organization, id) : keys.organizationRate(organization);

  /** Rejects when Redis fails. */
  async function take(caller: Caller, limit: RateLimit): Promise<{ state: RateState; isRefused: boolean }> {
    gatherWrites(redis);
    try {
      const found = await limiterOf(limit).consume(keyOf(caller, limit));
      return { state: stateOf(limit, found), isRefused: false };
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return { state: stateOf(limit, error), isRefused: true };
    }
  }

  /** The call was not accepted, or repeats one that was: it does not count. */
  async function takeBack(caller: Caller, limits: readonly RateLimit[]): Promise<void> {
    await Promise.all(limits.map((limit) => limiterOf(limit).reward(keyOf(caller, limit))));
  }

  return {
    takeBack,

    /** Counts a call at all its limits, or at none when one of them has no room. Rejects when Redis fails. */
    async count(caller: Caller, limits: readonly RateLimit[]): Promise<CountedCall> {
      const states: RateState[] = [];
      for (const limit of limits) {
        const { state, isRefused } = await take(caller, limit);
        states.push(state);
        if (!isRefused) continue;
        await takeBack(caller, states.slice(0, -1));
        return { states, refusedBy: state };
      }
      return { states, refusedBy: null };
    },
  };
}

const stateOf = ({ name, maximum }: RateLimit, { remainingPoints, msBeforeNext }: RateLimiterRes): RateState => ({
  ...{ name, maximum, remaining: remainingPoints },
  resetSeconds: Math.ceil(msBeforeNext / 1000),
});
