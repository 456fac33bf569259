/**
 * What each event does to a record. Pure: the store applies the result by compare-and-set, and whoever comes too late
 * gets null here and does nothing.
 */
import type { Failure } from "../errors.js";
import { mayBeRepeated } from "./failure-status.js";
import type {
  ChargeState,
  Copy,
  CostSource,
  Intent,
  Output,
  ProviderOutput,
  RequestRecord,
  RequestRef,
} from "./record.js";
import { next } from "./state.js";

export type Transition =
  | { name: "submit_intended"; intent: Intent; awaitsWebhook: boolean }
  | { name: "submit_rejected"; attempt: number }
  /** The outcome of the submit is not known. `until`: the end of the search for its job (ms since the epoch). */
  | { name: "submit_lost"; at: number; attempt: number; until: number; submitEnded: boolean }
  | { name: "accepted"; at: number; attempt: number; providerRequestId: string }
  | { name: "observed"; progress: number | null; queuePosition: number | null }
  | { name: "missed"; at: number }
  | {
      name: "rendered";
      at: number;
      outputs: ProviderOutput[];
      withheld: number;
      costMicro: number;
      costSource: CostSource | null;
    }
  | { name: "copy_begun" }
  /** `error`: why, in words that may be shown. */
  | { name: "copy_failed"; copies: Copy[]; error: string }
  | { name: "completed"; at: number; outputs: Output[] }
  /** `billedMicro`: what the provider says it bills for the failure; null when it does not tell. */
  | { name: "failed"; at: number; failure: Failure; billedMicro: number | null }
  | { name: "cancel_requested"; at: number }
  /** Another request's stored output is this one's too; `costMicro`: what it cost there, and is saved here. */
  | { name: "shared"; at: number; outputs: Output[]; source: RequestRef; costMicro: number }
  /** The request it waited for came to nothing; another one is waited for. */
  | { name: "rejoined"; leaderId: string }
  /** … and it goes to the provider itself. */
  | { name: "promoted" };

/** The record after `event`, or null when the record is past it. */
export function reduce(record: RequestRecord, event: Transition): RequestRecord | null {
  const status = next(record.status, event.name);
  const patch = status === null ? null : patchOf(record, event);
  return status === null || patch === null ? null : { ...record, ...patch, status };
}

function patchOf(record: RequestRecord, event: Transition): Partial<RequestRecord> | null {
  switch (event.name) {
    case "submit_intended":
      return intended(record, event);
    case "submit_rejected":
      return isOpenAttempt(record, event.attempt) ? { intent: null, search: null, chargeState: "none" } : null;
    case "submit_lost":
      if (!isOpenAttempt(record, event.attempt) || record.search !== null) return null;
      return {
        search: { since: event.at, until: event.until, submitEnded: event.submitEnded },
        chargeState: "unknown",
      };
    case "accepted":
      if (!isOpenAttempt(record, event.attempt)) return null;
      return {
        providerRequestId: event.providerRequestId,
        startedAt: event.at,
        search: null,
        chargeState: "held",
      };
    case "observed":
      return observed(record, event);
    case "missed":
      return record.missingSince === null ? { missingSince: event.at } : null;
    case "rendered": {
      if (record.rendered !== null) return null;
      const { at, outputs, withheld, costMicro, costSource } = event;
      const made = { outputs, withheld, at, copyAttempts: 0, copies: [] };
      return { rendered: made, costMicro, costSource, chargeState: "charged" };
    }
    case "copy_begun":
      if (record.rendered === null) return null;
      return { rendered: { ...record.rendered, copyAttempts: record.rendered.copyAttempts + 1 } };
    case "copy_failed":
      return record.rendered === null ? null : { rendered: { ...record.rendered, copies: event.copies } };
    case "completed":
      if (record.rendered === null) return null;
      return { outputs: event.outputs, completedAt: event.at, progress: 1, queuePosition: null };
    case "failed":
      return failed(record, event);
    case "cancel_requested":
      return record.cancelRequestedAt === null ? { cancelRequestedAt: event.at } : null;
    case "shared":
      return record.cache.leaderId === null && record.cache.reason !== "exact" ? null : shared(record, event);
    case "rejoined":
      return record.cache.leaderId === null ? null : { cache: { ...record.cache, leaderId: event.leaderId } };
    case "promoted":
      return record.cache.leaderId === null ? null : { cache: { ...record.cache, reason: "miss", leaderId: null } };
  }
}

function intended(
  record: RequestRecord,
  { intent, awaitsWebhook }: Extract<Transition, { name: "submit_intended" }>,
): Partial<RequestRecord> | null {
  if (record.intent !== null || intent.attempt !== record.attempts + 1) return null;
  // The cancel or the deadline came while the submit was prepared; nothing was sent, so nothing is charged.
  if (record.cancelRequestedAt !== null || intent.at >= record.deadlineAt) return null;
  if (record.cache.leaderId !== null) return null;
  return { intent, attempts: intent.attempt, awaitsWebhook, chargeState: "held" };
}

/** A failure that was or may have been paid for is not retryable, even if the provider says so. */
function failed(record: RequestRecord, event: Extract<Transition, { name: "failed" }>): Partial<RequestRecord> {
  const settlement = settle(record, event);
  const retryable = mayBeRepeated({ retryable: event.failure.retryable, chargeState: settlement.chargeState });
  const failure = { ...event.failure, retryable };
  return { failure, completedAt: event.at, queuePosition: null, search: null, ...settlement };
}

/** Nothing was sent for it, so nothing is owed. */
function shared({ cache }: RequestRecord, event: Extract<Transition, { name: "shared" }>): Partial<RequestRecord> {
  const { at, outputs, source, costMicro } = event;
  return {
    outputs,
    completedAt: at,
    progress: 1,
    queuePosition: null,
    cache: { ...cache, leaderId: null, sharedFrom: source, avoidedCostMicro: costMicro },
  };
}

function isOpenAttempt(record: RequestRecord, attempt: number): boolean {
  return record.intent?.attempt === attempt && record.providerRequestId === null;
}

/** Progress is shown as it comes but never goes back; an observation that changes nothing is not written. */
function observed(record: RequestRecord, event: { progress: number | null; queuePosition: number | null }) {
  const progress = event.progress === null ? record.progress : Math.max(event.progress, record.progress ?? 0);
  const { queuePosition } = event;
  const isNews = progress !== record.progress || queuePosition !== record.queuePosition || record.missingSince !== null;
  return isNews ? { progress, queuePosition, missingSince: null } : null;
}

type Settlement = Pick<RequestRecord, "chargeState" | "costMicro" | "costSource">;

/** What a failure means for the money. Nothing sent means nothing owed, whatever the failure says. */
function settle(record: RequestRecord, { failure, billedMicro }: Extract<Transition, { name: "failed" }>): Settlement {
  const free = (chargeState: ChargeState): Settlement => ({ chargeState, costMicro: 0, costSource: null });
  if (record.chargeState === "none") return free("none");
  if (record.rendered !== null) {
    return { chargeState: "charged", costMicro: record.costMicro, costSource: record.costSource };
  }
  if (failure.charged === null) return free("unknown");
  if (!failure.charged) return free("released");
  if (billedMicro === null) {
    const { estimatedCostMicro } = record;
    const costSource = estimatedCostMicro === null ? null : "catalogue";
    return { chargeState: "charged", costMicro: estimatedCostMicro ?? 0, costSource };
  }
  return { chargeState: "charged", costMicro: billedMicro, costSource: "provider" };
}
