/**
 * What each event does to a record. Pure: the store applies the result by compare-and-set, and whoever comes too late
 * gets null here and does nothing.
 */
import type { Failure } from "./errors.js";
import type { ChargeState, CostSource, Output, ProviderOutput, RequestRecord, RequestRef } from "./request.js";
import { next } from "./state.js";

export type RequestEvent =
  | { name: "submit_intended"; at: number; attempt: number; token: string; awaitsWebhook: boolean }
  | { name: "submit_rejected"; attempt: number }
  | { name: "accepted"; at: number; attempt: number; providerRequestId: string }
  | { name: "observed"; progress: number | null; queuePosition: number | null }
  | { name: "missed"; at: number }
  | { name: "rendered"; at: number; outputs: ProviderOutput[]; costMicro: number; costSource: CostSource }
  | { name: "copy_failed" }
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
export function reduce(record: RequestRecord, event: RequestEvent): RequestRecord | null {
  const status = next(record.status, event.name);
  const patch = status === null ? null : patchOf(record, event);
  return status === null || patch === null ? null : { ...record, ...patch, status };
}

function patchOf(record: RequestRecord, event: RequestEvent): Partial<RequestRecord> | null {
  switch (event.name) {
    case "submit_intended":
      if (record.intent !== null || event.attempt !== record.attempts + 1) return null;
      // Asked for or due while the submit was prepared: what is not sent costs nothing.
      if (record.cancelRequestedAt !== null || event.at >= record.deadlineAt) return null;
      if (record.cache.leaderId !== null) return null;
      return {
        intent: { attempt: event.attempt, at: event.at, token: event.token },
        attempts: event.attempt,
        awaitsWebhook: event.awaitsWebhook,
        chargeState: "held",
      };
    case "submit_rejected":
      return isOpenAttempt(record, event.attempt) ? { intent: null, chargeState: "none" } : null;
    case "accepted":
      if (!isOpenAttempt(record, event.attempt)) return null;
      return { providerRequestId: event.providerRequestId, startedAt: event.at };
    case "observed":
      return observed(record, event);
    case "missed":
      return record.missingSince === null ? { missingSince: event.at } : null;
    case "rendered": {
      if (record.rendered !== null) return null;
      const { at, outputs, costMicro, costSource } = event;
      return { rendered: { outputs, copyAttempts: 0, at }, costMicro, costSource, chargeState: "charged" };
    }
    case "copy_failed":
      if (record.rendered === null) return null;
      return { rendered: { ...record.rendered, copyAttempts: record.rendered.copyAttempts + 1 } };
    case "completed":
      if (record.rendered === null) return null;
      return { outputs: event.outputs, completedAt: event.at, progress: 1, queuePosition: null };
    case "failed":
      return { failure: event.failure, completedAt: event.at, queuePosition: null, ...settle(record, event) };
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

/** Nothing was sent for it, so nothing is owed. */
function shared({ cache }: RequestRecord, event: Extract<RequestEvent, { name: "shared" }>): Partial<RequestRecord> {
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
function settle(
  record: RequestRecord,
  { failure, billedMicro }: Extract<RequestEvent, { name: "failed" }>,
): Settlement {
  const free = (chargeState: ChargeState): Settlement => ({ chargeState, costMicro: 0, costSource: null });
  if (record.chargeState === "none") return free("none");
  if (record.rendered !== null) {
    return { chargeState: "charged", costMicro: record.costMicro, costSource: record.costSource };
  }
  if (failure.charged === null) return free("unknown");
  if (!failure.charged) return free("released");
  if (billedMicro === null) {
    return { chargeState: "charged", costMicro: record.estimatedCostMicro, costSource: "catalogue" };
  }
  return { chargeState: "charged", costMicro: billedMicro, costSource: "provider" };
}
