/** Give up: the request's deadline has passed. The provider is told to stop, as far as it listens. */
import type { StoredRequest } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";
import type { Outcome } from "../outcome.js";
import { cancelAtProvider } from "./cancel.js";
import { fail } from "./end.js";

export async function giveUp(deps: Deps, current: StoredRequest): Promise<Outcome> {
  const { doc } = current;
  const result = doc.providerRequestId === null ? "cancelled" : await cancelAtProvider(deps, doc);
  const message = `${doc.provider} did not finish before the request's deadline.`;
  const charged = result === "cancelled" ? false : null;
  return fail(deps, current, { code: "PROVIDER_TIMEOUT", message, retryable: true, charged });
}
