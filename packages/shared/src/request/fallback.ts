/**
 * Fallback: when the model of a request has failed and provably costs nothing, the request continues with the next one
 * of its alternatives. Never after a submit whose outcome is unknown, and never after a charge: both could be paid twice.
 */
import type { Failure, FailureCode } from "../errors.js";
import { settle } from "./charge.js";
import type { Account, Mode, RequestRecord, Tried } from "./record.js";

/** These are about the request, not about its model, so every alternative would end in the same way. */
const OF_THE_REQUEST: ReadonlySet<FailureCode> = new Set<FailureCode>([
  ...(["CANCELLED", "BUDGET_EXCEEDED", "INTERNAL_ERROR", "SUBMIT_UNKNOWN", "OUTPUT_UNAVAILABLE"] as const),
]);

/** Whether a request whose model fails now goes on with its next alternative. `at`: now (ms). */
export function mayFallBack(record: RequestRecord, failure: Failure, at: number): boolean {
  const { fallback, cancelRequestedAt, deadlineAt, rendered, search, cache } = record;
  if (fallback === undefined || fallback.alternatives.length === 0) return false;
  if (cancelRequestedAt !== null || at >= deadlineAt || OF_THE_REQUEST.has(failure.code)) return false;
  // A follower sends nothing itself. A search means that a submit may have arrived.
  if (cache.leaderId !== null || rendered !== null || search !== null) return false;
  return isUnpaid(record, failure);
}

function isUnpaid(record: RequestRecord, failure: Failure): boolean {
  const { chargeState } = settle(record, { failure, billedMicro: null });
  return chargeState === "none" || chargeState === "released";
}

export interface FallenBack {
  at: number;
  /** The number of submits when the failure was seen. A submit that began since may be under way. */
  attempt: number;
  failure: Failure;
  skipped?: true;
}

/** What the transition changes. Null when the record does not allow it (any more). */
export function fallenBack(
  record: RequestRecord,
  { at, attempt, failure, skipped }: FallenBack,
): Partial<RequestRecord> | null {
  const [next, ...alternatives] = record.fallback?.alternatives ?? [];
  if (next === undefined || attempt !== record.attempts || !mayFallBack(record, failure, at)) return null;
  const { model, provider, endpoint, account, simulated, estimatedCostMicro } = next;
  const tried = [...(record.fallback?.tried ?? []), { ...triedOf(record, failure, at), ...(skipped && { skipped }) }];
  return {
    ...{ model, provider, endpoint, account, mode: modeOf(account), simulated, estimatedCostMicro },
    input: { ...record.input, ...next.input },
    fallback: { ...record.fallback, alternatives, tried },
    ...{ intent: null, providerRequestId: null, awaitsReport: false, missingSince: null },
    ...{ progress: null, queuePosition: null },
    ...{ chargeState: "none", heldMicro: estimatedCostMicro ?? 0 },
  };
}

function triedOf(record: RequestRecord, failure: Failure, at: number): Tried {
  const { model, provider, mode, input, attempts, providerRequestId } = record;
  const { chargeState } = settle(record, { failure, billedMicro: null });
  const { prompt: _prompt, image: _image, media: _media, ...own } = input;
  return {
    ...{ model, provider, mode, durationSeconds: own.durationSeconds, input: own, lastAttempt: attempts },
    ...{ providerRequestId, failure, chargeState, at },
  };
}

export const modeOf = (account: Account): Mode => (account === "server" ? "managed" : "byok");

/** How many models were tried before the one of the record. */
export const modelsTried = ({ fallback }: RequestRecord): number => fallback?.tried.length ?? 0;

/** The provider of the model that the call asked for: equal calls that follow this request wait in its queue. */
export const firstProvider = ({ provider, fallback }: RequestRecord): string =>
  fallback?.tried[0]?.provider ?? provider;

/** The number of submits of the record's own model. */
export const ownAttempts = ({ attempts, fallback }: RequestRecord): number =>
  attempts - (fallback?.tried.at(-1)?.lastAttempt ?? 0);

/** Whether the job belongs to a model that was tried before: it has failed, and nothing about it counts any more. */
export const isJobOfTried = ({ fallback }: RequestRecord, jobId: string): boolean =>
  fallback?.tried.some(({ providerRequestId }) => providerRequestId === jobId) ?? false;
