/** Rate limits in Redis: which counters a call counts at, and what its limits say. */
import type { Redis } from "ioredis";
import type { ApiKey } from "../organization/api-key.js";
import type { RateLimit } from "../organization/rate-limits.js";
import type { Keys } from "./keys.js";
import { createRateCounter } from "./rate-counter.js";

export interface RateState extends RateLimit {
  /** Calls that still have room in the window. */
  remaining: number;
  /** Until the window ends, rounded up. */
  resetSeconds: number;
  /** By `performance.now()`. */
  windowEndsAt: number;
}

/** The limits that a call is under, and the state of those that were asked. */
export interface Rates {
  limits: readonly RateLimit[];
  states: readonly RateState[];
}

export interface CountedCall {
  /** Of each limit that was asked; those after the one that refused the call were not. */
  states: RateState[];
  /** The limit that refuses the call. Then it counts at none of them. */
  refusedBy: RateState | null;
}

/** The state once the call was taken back. */
export const takenBack = (state: RateState): RateState => ({ ...state, remaining: state.remaining + 1 });

type Caller = Pick<ApiKey, "organization" | "id">;

export function createRateLimits(redis: Redis, keys: Keys) {
  const counter = createRateCounter(redis);

  const keyOf = ({ organization, id }: Caller, { name }: RateLimit) =>
    name === "api_key" ? keys.keyRate(organization, id) : keys.organizationRate(organization);

  async function takeBack(caller: Caller, states: readonly RateState[]): Promise<void> {
    await Promise.all(states.map((state) => counter.takeBack(keyOf(caller, state), state.maximum, state)));
  }

  return {
    /** For a counted call that was not accepted, or that repeats another one. `states`: as they were when it counted. */
    takeBack,

    /**
     * Counts a call at all its limits, or at none when one of them refuses it. One limit is asked after the other, so
     * that calls that the first one refuses never take room at the next, not even for a moment. Rejects when Redis fails.
     */
    async count(caller: Caller, limits: readonly RateLimit[]): Promise<CountedCall> {
      const states: RateState[] = [];
      for (const limit of limits) {
        const counted = counter.count(keyOf(caller, limit), limit.maximum);
        // Not awaited when it is no promise: an await gives up the turn even then.
        const { isRefused, remaining, leftMs, windowEndsAt } = counted instanceof Promise ? await counted : counted;
        const state = { ...limit, remaining, resetSeconds: Math.ceil(leftMs / 1000), windowEndsAt };
        if (isRefused) {
          await takeBack(caller, states);
          return { states: [...states.map(takenBack), state], refusedBy: state };
        }
        states.push(state);
      }
      return { states, refusedBy: null };
    },
  };
}
