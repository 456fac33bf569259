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

/** `answer`: the provider's answer to the cancel; null when the provider could not be asked. `failure`: why the job was stopped. */
export async function endStopped(
  deps: Deps,
  current: StoredRequest,
  answer: CancelResult | null,
  failure: Omit<Failure, "charged">,
  signal: AbortSignal,
): Promise<Outcome> {
  if (answer === "cancelled") return fail(deps, current, { ...failure, charged: false });
  const look = answer === "requested" ? await prepareLook(deps, current.doc) : null;
  const seen = look === null ? null : await look.poll(signal);
  if (seen?.kind === "succeeded") {
    await applyRendered(deps, current, seen);
    return advance;
  }
  if (seen?.kind !== "failed") return fail(deps, current, { ...failure, charged: null });
  const { charged } = seen.failure;
  return fail(deps, current, { ...failure, charged }, billedMicro(deps, current.doc, seen.bill));
}
