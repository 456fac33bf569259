/**
 * What each transition does to a record. Pure: the store writes the result by compare-and-set. A process that comes
 * too late gets null here and writes nothing.
 */
import type { Failure } from "../errors.js";
import { settle } from "./charge.js";
import { mayBeRepeated } from "./failure-status.js";
import { type FallenBack, fallenBack, isJobOfTried } from "./fallback.js";
import type { Copy, CostSource, Intent, MadeBy, Output, ProviderOutput, RequestRecord, RequestRef } from "./record.js";
import { next } from "./state.js";

export type Transition =
  /** It waits for a slot of its provider account. `queuePosition`: how many of its line come before it. */
  | { name: "queued"; queuePosition: number }
  | { name: "submit_intended"; intent: Intent; awaitsReport: boolean }
  | { name: "submit_rejected"; attempt: number }
  /** The outcome of the submit is not known. `until`: when the search for its job ends (ms since the epoch). */
  | { name: "submit_lost"; at: number; attempt: number; until: number; submitEnded: boolean }
  /** `estimateMicro`: what the provider expects to bill, if it says so. */
  | { name: "submit_accepted"; at: number; attempt: number; providerRequestId: string; estimateMicro?: number | null }
  | { name: "observed"; progress: number | null; queuePosition: number | null }
  | { name: "missed"; at: number }
  | {
      name: "rendered";
      at: number;
      outputs: ProviderOutput[];
      withheld: number;
      costMicro: number;
      costSource: CostSource | null;
      /** The units that the provider billed, if it says so. */
      billedUnits?: number | undefined;
    }
  | { name: "copy_begun" }
  /** `error`: the reason, in words that callers may see. */
  | { name: "copy_failed"; copies: Copy[]; error: string }
  | { name: "completed"; at: number; outputs: Output[] }
  /** `billedMicro`: what the provider says it bills for the failure; null when it does not say. */
  | { name: "failed"; at: number; failure: Failure; billedMicro: number | null }
  /** Its model failed unpaid, or is skipped; it goes on with the next one. Its money is set aside again. */
  | ({ name: "fell_back" } & FallenBack)
  | { name: "cancel_requested"; at: number }
  /** This request shows the stored output of another request. `costMicro`: what the other cost, and this one saves. */
  | { name: "shared"; at: number; outputs: Output[]; source: RequestRef; costMicro: number; madeBy?: MadeBy }
  /** The request that it waited for failed; it waits for another one. */
  | { name: "rejoined"; leaderId: string }
  /** The request that it waited for failed; it makes its own submit. */
  | { name: "promoted" }
  /** A person says what the provider billed for a request whose charge was unknown; null: nothing. */
  | { name: "settled"; costMicro: number | null }
  /** The charge stayed unknown for so long that its money is no longer set aside. */
  | { name: "hold_expired" };

/** The record after `transition`; null when the record does not allow it (any more). */
export function reduce(record: RequestRecord, transition: Transition): RequestRecord | null {
  const status = next(record.status, transition.name);
  const patch = status === null ? null : patchOf(record, transition);
  return status === null || patch === null ? null : { ...record, ...patch, status };
}

function patchOf(record: RequestRecord, transition: Transition): Partial<RequestRecord> | null {
  switch (transition.name) {
    case "queued":
      return queued(record, transition);
    case "submit_intended":
      return intended(record, transition);
    case "submit_rejected":
      return isOpenAttempt(record, transition.attempt) ? { intent: null, search: null, chargeState: "none" } : null;
    case "submit_lost":
      if (!isOpenAttempt(record, transition.attempt) || record.search !== null) return null;
      return {
        search: { since: transition.at, until: transition.until, submitEnded: transition.submitEnded },
        chargeState: "unknown",
      };
    case "submit_accepted":
      if (!isOpenAttempt(record, transition.attempt)) return null;
      // A late report, or a list, may still show the job of a model that was tried before.
      if (isJobOfTried(record, transition.providerRequestId)) return null;
      return {
        providerRequestId: transition.providerRequestId,
        startedAt: transition.at,
        search: null,
        chargeState: "held",
        heldMicro: transition.estimateMicro ?? record.heldMicro,
      };
    case "observed":
      return observed(record, transition);
    case "missed":
      return record.missingSince === null ? { missingSince: transition.at } : null;
    case "rendered": {
      if (record.rendered !== null) return null;
      const { at, outputs, withheld, costMicro, costSource } = transition;
      const made = { outputs, withheld, at, copyAttempts: 0, copies: [] };
      const units = transition.billedUnits === undefined ? {} : { billedUnits: transition.billedUnits };
      return { rendered: made, costMicro, costSource, ...units, chargeState: "charged", heldMicro: 0 };
    }
    case "copy_begun":
      if (record.rendered === null) return null;
      return { rendered: { ...record.rendered, copyAttempts: record.rendered.copyAttempts + 1 } };
    case "copy_failed":
      return record.rendered === null ? null : { rendered: { ...record.rendered, copies: transition.copies } };
    case "completed":
      if (record.rendered === null) return null;
      return { outputs: transition.outputs, completedAt: transition.at, progress: 1, queuePosition: null };
    case "failed":
      return failed(record, transition);
    case "fell_back":
      return fallenBack(record, transition);
    case "cancel_requested":
      return record.cancelRequestedAt === null ? { cancelRequestedAt: transition.at } : null;
    case "shared":
      return record.cache.leaderId === null && record.cache.reason !== "exact" ? null : shared(record, transition);
    case "rejoined":
      return record.cache.leaderId === null ? null : { cache: { ...record.cache, leaderId: transition.leaderId } };
    case "promoted":
      if (record.cache.leaderId === null) return null;
      return { cache: { ...record.cache, reason: "miss", leaderId: null }, heldMicro: record.estimatedCostMicro ?? 0 };
    case "settled":
      return record.chargeState === "unknown" ? settledByHand(transition.costMicro) : null;
    case "hold_expired":
      return record.heldMicro > 0 ? { heldMicro: 0 } : null;
  }
}

/** Refused while a submit is open: the position would then be shown during the render. */
function queued({ intent, queuePosition: known }: RequestRecord, { queuePosition }: { queuePosition: number }) {
  return intent === null && queuePosition !== known ? { queuePosition } : null;
}

function intended(
  record: RequestRecord,
  { intent, awaitsReport }: Extract<Transition, { name: "submit_intended" }>,
): Partial<RequestRecord> | null {
  if (record.intent !== null || intent.attempt !== record.attempts + 1) return null;
  // A cancel or the deadline came while the submit was prepared. Nothing was sent, so nothing is charged.
  if (record.cancelRequestedAt !== null || intent.at >= record.deadlineAt) return null;
  if (record.cache.leaderId !== null) return null;
  return { intent, attempts: intent.attempt, awaitsReport, chargeState: "held", queuePosition: null };
}

/** A failure that was or may have been paid for is never retryable, even if the provider says that it is. */
function failed(record: RequestRecord, transition: Extract<Transition, { name: "failed" }>): Partial<RequestRecord> {
  const settlement = settle(record, transition);
  const retryable = mayBeRepeated({ retryable: transition.failure.retryable, chargeState: settlement.chargeState });
  const failure = { ...transition.failure, retryable };
  // What may still be billed stays set aside.
  const heldMicro = settlement.chargeState === "unknown" ? record.heldMicro : 0;
  return { failure, completedAt: transition.at, queuePosition: null, search: null, ...settlement, heldMicro };
}

/** Nothing was sent to a provider, so nothing is owed. */
function shared({ cache }: RequestRecord, transition: Extract<Transition, { name: "shared" }>): Partial<RequestRecord> {
  const { at, outputs, source, costMicro, madeBy } = transition;
  return {
    outputs,
    completedAt: at,
    progress: 1,
    queuePosition: null,
    heldMicro: 0,
    cache: { ...cache, leaderId: null, sharedFrom: source, avoidedCostMicro: costMicro, ...(madeBy && { madeBy }) },
  };
}

function isOpenAttempt(record: RequestRecord, attempt: number): boolean {
  return record.intent?.attempt === attempt && record.providerRequestId === null;
}

/** Progress never goes back. An observation that changes nothing is not written. */
function observed(record: RequestRecord, seen: { progress: number | null; queuePosition: number | null }) {
  const progress = seen.progress === null ? record.progress : Math.max(seen.progress, record.progress ?? 0);
  const { queuePosition } = seen;
  const hasChanged =
    progress !== record.progress || queuePosition !== record.queuePosition || record.missingSince !== null;
  return hasChanged ? { progress, queuePosition, missingSince: null } : null;
}

function settledByHand(costMicro: number | null): Partial<RequestRecord> {
  if (costMicro === null) return { chargeState: "released", costMicro: 0, costSource: null, heldMicro: 0 };
  return { chargeState: "charged", costMicro, costSource: "caller", heldMicro: 0 };
}
