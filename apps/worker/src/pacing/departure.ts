/**
 * The last wait before a submit. A slot is granted at the rate of the account, but the requests that got one may be
 * delayed by different times: by an upload, or by the death of their worker. Then their submits would come at once.
 */
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { poolOf } from "./pool.js";

export async function untilDeparture(deps: Deps, record: RequestRecord): Promise<void> {
  const pool = poolOf(deps, record);
  if (pool === null || pool.limits.createsPerSecond === null) return;
  const waitMs = await deps.store.pools.departure(pool);
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
