/**
 * Makes the pools agree with the records. A slot is released by a step of its request; this releases it when that step
 * never ran, as after a restore of Redis, and repeats a wake-up that was lost with its process.
 */
import { accountOf, type RequestRecord, type RequestRef } from "@visgate/shared/request";
import type { Holder } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { isAtProvider, isOverAtProvider, limitedPools, mayRunMs, type ProviderPool, poolOf } from "../pacing/pool.js";

/** A request that got a slot is woken at once, and its submit begins within this time. */
const SUBMITS_WITHIN_MS = 5000;
/** How many holders, and how many waiting requests, are looked at in each sweep. */
const BATCH = 500;

export async function tidyPools(deps: Deps): Promise<void> {
  const { pools } = deps.store;
  for (const pool of await limitedPools(deps)) {
    // First, so that no slot goes to a request that does not need it.
    const waiting = someOf(await pools.waiting(pool), deps.random());
    await Promise.all(waiting.map((ref) => checkWaiting(deps, pool, ref)));
    const holders = someOf(await pools.holders(pool), deps.random());
    await Promise.all(holders.map((holder) => checkHolder(deps, pool, holder)));
    await deps.slots.grant(pool);
  }
}

async function checkHolder(deps: Deps, pool: ProviderPool, holder: Holder): Promise<void> {
  const stored = await deps.store.requests.get(holder);
  if (stored === null || isOverAtProvider(stored.doc) || isElsewhere(pool, stored.doc)) {
    await deps.slots.release(pool, holder, stored === null ? 0 : mayRunMs(deps, stored.doc));
  } else if (stored.doc.intent === null && deps.clock.now() - holder.grantedAt > SUBMITS_WITHIN_MS) {
    deps.slots.wake(pool.provider, holder);
  }
}

async function checkWaiting(deps: Deps, pool: ProviderPool, ref: RequestRef): Promise<void> {
  const stored = await deps.store.requests.get(ref);
  if (stored === null || isOverAtProvider(stored.doc) || isElsewhere(pool, stored.doc))
    await deps.slots.release(pool, ref);
}

/** The request has gone on with a model of another account. */
const isElsewhere = (pool: ProviderPool, record: RequestRecord): boolean => accountOf(record) !== pool.account;

/** Another batch each time. `random`: in [0, 1). */
function someOf<T>(all: T[], random: number): T[] {
  const from = Math.floor(random * Math.ceil(all.length / BATCH)) * BATCH;
  return all.slice(from, from + BATCH);
}

/** Counts a job that its pool does not know: it was submitted before the limits were set, or Redis was restored. */
export async function holdSlot(deps: Deps, record: RequestRecord): Promise<void> {
  const pool = isAtProvider(record) ? poolOf(deps, record) : null;
  if (pool !== null) await deps.store.pools.hold(pool, record);
}
