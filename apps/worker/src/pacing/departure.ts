/**
 * The last wait before a submit. A slot is granted at the rate of the account, but the requests that got one may be
 * delayed by different times: by an upload, or by the death of their worker. Then their submits would come at once.
 */
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { poolOf } from "./pool.js";

/** A request that would have to wait longer sleeps in the queue, so that its worker can stop meanwhile. */
const MAX_WAIT_MS = 2000;

/** Resolves at the time of the submit with 0; at once with how long to sleep when that time is further away (ms). */
export async function untilDeparture(deps: Deps, record: RequestRecord): Promise<number> {
  const pool = poolOf(deps, record);
  if (pool === null || pool.limits.createsPerSecond === null) return 0;
  const waitMs = await deps.store.pools.departure(pool, MAX_WAIT_MS);
  if (waitMs > MAX_WAIT_MS) return waitMs;
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  return 0;
}
