/** The one way a step ends a request as failed. */
import type { Failure } from "@visgate/shared/domain/errors";
import type { StoredRequest } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import { advance, type Outcome } from "../outcome.js";

/** Whether we won or somebody else was quicker: the record tells what is next. */
export async function fail(deps: Deps, current: StoredRequest, failure: Failure): Promise<Outcome> {
  await deps.store.requests.apply(current.doc, { name: "failed", at: deps.clock.now(), failure }, current);
  return advance;
}
