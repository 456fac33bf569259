/** Goes on with the next model of a request whose model failed unpaid (docs/fallback.md). */
import type { Failure } from "@visgate/shared/errors";
import { mayFallBack } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "./deps.js";
import { poolOf } from "./pacing/pool.js";

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
  if (applied.kind === "applied") deps.metrics.countFallback(doc.provider, skipped ? "SKIPPED" : failure.code);
  return true;
}
