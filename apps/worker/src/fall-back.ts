/** Goes on with the next model of a request whose model failed unpaid (docs/fallback.md). */
import type { Failure } from "@visgate/shared/errors";
import { mayFallBack, ownAttempts } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "./deps.js";
import { poolOf } from "./pacing/pool.js";
import { isCooling, noteFailure } from "./provider/health.js";

/**
 * False: the failure ends the request, since there is no other model, it may have been paid for, or no budget has room
 * for the next model. `skipped`: the model was not tried.
 */
export async function fallBack(
  deps: Deps,
  current: StoredRequest,
  failure: Failure,
  { skipped = false } = {},
): Promise<boolean> {
  const { doc } = current;
  const at = deps.clock.now();
  if (!mayFallBack(doc, failure, at)) return false;
  const fellBack = { name: "fell_back", at, attempt: doc.attempts, failure, ...(skipped && { skipped }) } as const;
  // Before the transition: once the record names another model, nobody would look after the slot of this one.
  const pool = poolOf(deps, doc);
  if (pool !== null) await deps.slots.release(pool, doc);
  const applied = await deps.store.requests.apply(current, fellBack);
  if (applied.kind === "budget") return false;
  if (applied.kind !== "applied") return true;
  deps.metrics.countFallback(doc.provider, skipped ? "SKIPPED" : failure.code);
  noteFailure(deps, doc, failure);
  return true;
}

/**
 * Before its first submit to a model: true when the request goes on with the next one, because this one fails for others
 * now. The last model is never skipped.
 */
export async function skipIfCooling(deps: Deps, current: StoredRequest): Promise<boolean> {
  const { doc } = current;
  if (doc.fallback === undefined || doc.fallback.alternatives.length === 0 || ownAttempts(doc) > 0) return false;
  if (!(await isCooling(deps, doc))) return false;
  return fallBack(deps, current, coolingDown(doc.model), { skipped: true });
}

const coolingDown = (model: string): Failure => ({
  code: "PROVIDER_ERROR",
  message: `${model} failed several times in a row just before, so it was not tried.`,
  retryable: true,
  charged: false,
});
