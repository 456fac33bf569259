/** The one way a step ends a request as failed. */
import type { Failure } from "@visgate/shared/errors";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "./deps.js";
import { advance, type Outcome } from "./outcome.js";

/** Whether we won or somebody else was quicker: the record tells what is next. */
export async function fail(
  deps: Deps,
  current: StoredRequest,
  failure: Failure,
  billedMicro: number | null = null,
): Promise<Outcome> {
  const event = { name: "failed", at: deps.clock.now(), failure, billedMicro } as const;
  await deps.store.requests.apply(current, event);
  return advance;
}
