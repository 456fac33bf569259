/**
 * Ends a request whose job was stopped at the provider, by a cancel or at its deadline. Unless the answer to the cancel
 * says that the job costs nothing, one more poll reads what the provider bills for it.
 */
import type { CancelResult } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { advance, fail, type Outcome } from "../outcome.js";
import { billedMicro } from "./cost.js";
import { prepareLook } from "./look.js";
import { applyRendered } from "./rendered.js";

/** `answer`: the provider's to the cancel; null when it could not be asked. `failureOf`: the reason, with the charge. */
export async function endStopped(
  deps: Deps,
  current: StoredRequest,
  answer: CancelResult | null,
  failureOf: (charged: boolean | null) => Failure,
  signal: AbortSignal,
): Promise<Outcome> {
  if (answer === "cancelled") return fail(deps, current, failureOf(false));
  const look = answer === "requested" ? await prepareLook(deps, current.doc) : null;
  const seen = look === null ? null : await look.poll(signal);
  if (seen?.kind === "succeeded") {
    await applyRendered(deps, current, seen);
    return advance;
  }
  if (seen?.kind !== "failed") return fail(deps, current, failureOf(null));
  return fail(deps, current, failureOf(seen.failure.charged), billedMicro(deps, current.doc, seen.bill));
}
