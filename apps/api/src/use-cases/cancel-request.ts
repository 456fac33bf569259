/** Cancels a request: at once while nothing was sent. Otherwise a worker does it, and a nudge wakes it now. */
import { cancelled, VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import { isTerminal, type RequestRecord, type RequestRef } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./read-request.js";

export async function cancelRequest(deps: Deps, ref: RequestRef): Promise<RequestRecord> {
  if (!isRequestId(ref.id)) throw requestNotFound(ref.id);
  const applied = await deps.store.requests.applyTo(ref, { name: "cancel_requested", at: deps.clock.now() });
  if (applied.kind === "missing") throw requestNotFound(ref.id);
  const record = applied.current.doc;
  if (isTerminal(record.status)) throw alreadyTerminal(record);
  if (isUnsent(record)) await failNow(deps, record);
  await deps.producer.wakeRequest(record.provider, ref);
  deps.producer.nudge(record.provider, ref.id).catch((error) => deps.log.warn({ err: error }, "a nudge was lost"));
  return record;
}

/** The cancel is stored by now, so no submit can begin any more. */
function isUnsent({ intent }: RequestRecord): boolean {
  return intent === null;
}

/** The provider does not have to be asked, so the request does not wait for a worker. */
async function failNow(deps: Deps, record: RequestRecord): Promise<void> {
  const failed = { name: "failed", at: deps.clock.now(), failure: cancelled(false), billedMicro: null } as const;
  await deps.store.requests.applyTo(record, failed);
}

function alreadyTerminal(record: RequestRecord): VisgateError {
  const details = { request_id: record.id, status: record.status, charge_state: record.chargeState };
  return new VisgateError(
    "ALREADY_TERMINAL",
    `The request has already ended as ${record.status}; nothing was cancelled.`,
    details,
  );
}

/** What happens to the money, as far as it is known before the provider is asked. */
export function moneyMessage({ chargeState, rendered }: RequestRecord): string {
  if (rendered !== null)
    return "The provider has finished the job, and it is charged. The request completes if its output can be stored.";
  if (chargeState === "none") return "Nothing was sent to the provider; nothing will be charged.";
  return "The provider has the job or is receiving it, and is asked to stop; charge_state will say whether it is billed.";
}
