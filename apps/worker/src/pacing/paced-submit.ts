/**
 * A submit within the limits of the provider account. A request without a slot sleeps in the queue, and no attempt is
 * spent. It is woken when it gets its slot; until then it looks after its place in the line now and then.
 */
import type { RequestRecord, RequestRef } from "@visgate/shared/request";
import type { SlotRequest, StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { skipIfCooling } from "../fall-back.js";
import { advance, type Outcome, sleepWithinDeadline } from "../outcome.js";
import { submit } from "../steps/submit.js";
import { isAtProvider, isOverAtProvider, mayRunMs, type ProviderPool, poolOf } from "./pool.js";

/** Who waits further behind looks less often, so that a thousand that wait make about ten looks a second. */
const LOOK_MIN_MS = 5000;
const LOOK_PER_POSITION_MS = 200;
const LOOK_MAX_MS = 120_000;
/** For models of unknown speed. */
const USUAL_SECONDS = 60;

export async function pacedSubmit(deps: Deps, current: StoredRequest): Promise<Outcome> {
  if (await skipIfCooling(deps, current)) return advance;
  const pool = poolOf(deps, current.doc);
  if (pool === null) return submit(deps, current);
  const acquired = await deps.slots.acquire(pool, await slotRequestOf(deps, pool, current.doc));
  if (acquired.kind === "waits") return waitInLine(deps, current, acquired.position);
  deps.metrics.observeSlotWait(pool.provider, acquired.waitedMs);
  const outcome = await submit(deps, current);
  if (outcome.kind !== "advance") await releaseUnlessSent(deps, pool, current.doc);
  return outcome;
}

/** At the latest at the next step of a request that is done at the provider or has ended, its slot is free. */
export async function leavePool(deps: Deps, record: RequestRecord): Promise<void> {
  const pool = isOverAtProvider(record) ? poolOf(deps, record) : null;
  if (pool !== null) await deps.slots.release(pool, record, mayRunMs(deps, record));
}

async function slotRequestOf(deps: Deps, pool: ProviderPool, record: RequestRecord): Promise<SlotRequest> {
  const { organization, id, model, priority, createdAt } = record;
  const share = await deps.shareOf(organization);
  return { organization, id, model, priority, createdAt, share, cost: costOf(deps, pool, record) };
}

/** Shares are shares of the time in the slots; where only the rate is limited, they are shares of the submits. */
function costOf(deps: Deps, { limits }: ProviderPool, { model }: RequestRecord): number {
  if (limits.maxInFlight === null && limits.maxInFlightPerModel === null) return 1;
  return deps.catalogue.get(model)?.usualSeconds ?? USUAL_SECONDS;
}

async function waitInLine(deps: Deps, current: StoredRequest, queuePosition: number): Promise<Outcome> {
  await deps.store.requests.apply(current, { name: "queued", queuePosition });
  const lookMs = Math.min(LOOK_MAX_MS, LOOK_MIN_MS + LOOK_PER_POSITION_MS * queuePosition);
  return sleepWithinDeadline(deps, current.doc, jitter(lookMs, deps.random()));
}

/** The provider refused the submit, or it could not be prepared: others may use the slot while this request sleeps. */
async function releaseUnlessSent(deps: Deps, pool: ProviderPool, ref: RequestRef): Promise<void> {
  const stored = await deps.store.requests.get(ref);
  if (stored === null || !isAtProvider(stored.doc)) await deps.slots.release(pool, ref);
}
