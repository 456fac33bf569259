/** Cancel: ask the provider if it has the job; what it answers decides about the money. */
import type { CancelResult } from "@visgate/providers";
import { cancelled } from "@visgate/shared/errors";
import type { RequestRecord } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { fail } from "../fail.js";
import { type Outcome, sleep } from "../outcome.js";
import { measured, providerCallFor } from "../provider/call.js";
import { poll } from "./poll.js";

const CANCEL_TIMEOUT_MS = 20_000;
const RETRY_MS = 2000;
/** How long we go on asking a provider that does not answer. */
const GIVE_UP_AFTER_MS = 60_000;

export async function cancel(deps: Deps, current: StoredRequest, signal: AbortSignal): Promise<Outcome> {
  const { doc } = current;
  if (doc.providerRequestId === null) return fail(deps, current, cancelled(false));
  const result = await cancelAtProvider(deps, doc);
  // It had ended before we asked: whether it completed or failed, the provider's last word counts.
  if (result === "too_late" && !isOverdue(deps, doc)) return poll(deps, current, signal);
  if (result === null && !isOverdue(deps, doc)) return sleep(jitter(RETRY_MS, deps.random()));
  return fail(deps, current, cancelled(result === "cancelled" ? false : null));
}

function isOverdue(deps: Deps, record: RequestRecord): boolean {
  return deps.clock.now() - (record.cancelRequestedAt ?? 0) > GIVE_UP_AFTER_MS;
}

/** Null when the provider could not be asked. */
export async function cancelAtProvider(deps: Deps, record: RequestRecord): Promise<CancelResult | null> {
  const provider = await providerCallFor(deps, record);
  if (provider === null || record.providerRequestId === null) return null;
  const job = { endpoint: record.endpoint, id: record.providerRequestId };
  const call = provider.call(AbortSignal.timeout(CANCEL_TIMEOUT_MS));
  return measured(deps, record.provider, "cancel", () => provider.adapter.cancel(job, call)).catch(() => null);
}
