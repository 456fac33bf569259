/** The receipt of a request: what was quoted, held, tried, settled and saved. */
import type { Receipt } from "@visgate/shared/contract";
import { isRequestId } from "@visgate/shared/ids";
import type { Change, ChargeState, Fallback, RequestRecord, RequestRef, Tried } from "@visgate/shared/request";
import { isoTime, microToUsd } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./read-request.js";

export async function readReceipt({ store }: Pick<Deps, "store">, ref: RequestRef): Promise<Receipt> {
  const history = isRequestId(ref.id) ? await store.timeline.history(ref) : null;
  if (history === null) throw requestNotFound(ref.id);
  const { record, changes } = history;
  const { id, model, provider, mode, simulated, status, chargeState, apiKeyId, day } = record;
  return {
    ...{ request_id: id, model, provider, mode, simulated, status, charge_state: chargeState, day },
    api_key_id: apiKeyId === "" ? null : apiKeyId,
    quote: { cost_usd: usdOrNull(record.estimatedCostMicro), cost_source: "catalogue" },
    held_usd: microToUsd(record.heldMicro),
    attempts: attemptsOf(record, changes),
    settlement: settlementOf(record),
    saved_usd: microToUsd(record.cache.avoidedCostMicro),
    ...(record.fallback === undefined ? {} : { tried: triedOf(record.fallback) }),
  };
}

const usdOrNull = (micro: number | null) => (micro === null ? null : microToUsd(micro));

type Outcome = Receipt["attempts"][number]["outcome"];
const OUTCOMES: Partial<Record<Change["name"], Outcome>> = {
  submitted: "accepted",
  submit_rejected: "rejected",
  locating: "unknown",
};

/**
 * Most submits end with one of these changes, a lost one that is found with two. A submit that the provider refuses for
 * good has none of them, because its request fails at once: then the failure is its outcome.
 */
function attemptsOf(record: RequestRecord, changes: Change[]): Receipt["attempts"] {
  const attempts = new Map<number, Receipt["attempts"][number]>();
  for (const { name, attempts: attempt, at, chargeState } of changes) {
    const failedAtOnce = (name === "failed" || name === "fell_back") && !attempts.has(attempt);
    const outcome = failedAtOnce ? outcomeOfFailure(chargeState) : OUTCOMES[name];
    if (outcome === undefined || attempt === 0) continue;
    const by = modelOf(record, attempt);
    const jobId = outcome === "accepted" ? by.providerRequestId : null;
    attempts.set(attempt, { attempt, at: isoTime(at), outcome, provider_request_id: jobId, ...shown(record, by) });
  }
  return [...attempts.values()];
}

/** Which model made the submit of this number. */
const modelOf = (record: RequestRecord, attempt: number): RequestRecord | Tried =>
  record.fallback?.tried.find(({ lastAttempt }) => attempt <= lastAttempt) ?? record;

const shown = ({ fallback }: RequestRecord, { model, provider }: RequestRecord | Tried) =>
  fallback === undefined ? {} : { model, provider };

function triedOf({ tried }: Fallback): NonNullable<Receipt["tried"]> {
  return tried.map(({ model, provider, mode, failure, lastAttempt, ...one }, index) => {
    const first = (tried[index - 1]?.lastAttempt ?? 0) + 1;
    return {
      ...{ model, provider, mode },
      attempts: Array.from({ length: lastAttempt - first + 1 }, (_, at) => first + at),
      ...{ error_code: failure.code, error_message: failure.message, charge_state: one.chargeState },
      ...{ provider_request_id: one.providerRequestId, cost_usd: 0, skipped: one.skipped ?? false },
      at: isoTime(one.at),
    };
  });
}

const outcomeOfFailure = (chargeState: ChargeState): Outcome => (chargeState === "unknown" ? "unknown" : "rejected");

function settlementOf({ chargeState, costMicro, costSource, billedUnits }: RequestRecord): Receipt["settlement"] {
  if (chargeState !== "charged") return null;
  return { cost_usd: microToUsd(costMicro), cost_source: costSource, units: billedUnits ?? null };
}
