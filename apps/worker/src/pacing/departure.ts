/**
 * The rate of a provider account, at the moment of the submit. A slot is granted at the rate, but its request may be
 * late (an upload, a dead worker), and a submit takes its time to the provider. So a submit counts for the rate from its
 * grant until it has certainly arrived, and a request that is too late needs a new place in the rate.
 */
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { type ProviderPool, poolOf } from "./pool.js";

/** A submit that was not answered by then has arrived: the provider only takes its time for the answer. */
const ARRIVES_WITHIN_MS = 250;

function ratedPoolOf(deps: Deps, record: RequestRecord): ProviderPool | null {
  const pool = poolOf(deps, record);
  return pool?.limits.createsPerSecond == null ? null : pool;
}

/** 0 when the submit may be made now; else in how many ms to ask again. */
export async function tooEarlyMs(deps: Deps, record: RequestRecord): Promise<number> {
  const pool = ratedPoolOf(deps, record);
  return pool === null ? 0 : deps.store.pools.departure(pool, record);
}

/** Makes the submit, and counts it for the rate. */
export async function atRate<T>(deps: Deps, record: RequestRecord, submit: () => Promise<T>): Promise<T> {
  const pool = ratedPoolOf(deps, record);
  if (pool === null) return submit();
  let isNoted = false;
  const note = () => {
    if (!isNoted) deps.slots.sent(pool, record);
    isNoted = true;
  };
  const timer = setTimeout(note, ARRIVES_WITHIN_MS);
  try {
    return await submit();
  } finally {
    clearTimeout(timer);
    note();
  }
}
