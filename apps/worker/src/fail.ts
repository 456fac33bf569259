/** The only way a step ends a request as failed. */
import type { Failure } from "@visgate/shared/errors";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "./deps.js";
import { advance, type Outcome } from "./outcome.js";

/** Advances also when another process changed the request first: the record then says what comes next. */
export async function fail(
  deps: Deps,
  current: StoredRequest,
  failure: Failure,
  billedMicro: number | null = null,
): Promise<Outcome> {
  await deps.store.requests.apply(current, { name: "failed", at: deps.clock.now(), failure, billedMicro });
  return advance;
}
