/**
 * A change is one entry of a request's time line: a transition that matters to callers, with the fields of
 * the record that are needed to show the request as it was at that moment.
 */

import type { ChargeState, RequestRecord } from "./record.js";
import { isTerminal, type Status } from "./state.js";
import type { Transition } from "./transition.js";

export type ChangeName =
  | "joined"
  | "promoted"
  | "submitted"
  | "submit_rejected"
  | "locating"
  | "queued"
  | "progress"
  | "rendered"
  | "copy_failed"
  | "cancel_requested"
  | "completed"
  | "failed"
  | "settled"
  | "hold_expired";

export interface Change {
  name: ChangeName;
  at: number;
  /** The process that made the transition. */
  by: string;
  status: Status;
  progress: number | null;
  queuePosition: number | null;
  chargeState: ChargeState;
  attempts: number;
  /** Why a copy of the output failed; only on `copy_failed`. */
  error?: string;
}

/** Progress makes an entry once per step, so a render of an hour has as many entries as a render of a minute. */
const PROGRESS_STEP = 0.05;

const NAMES: Record<Transition["name"], ChangeName | null> = {
  queued: "queued",
  submit_intended: null,
  submit_rejected: "submit_rejected",
  submit_lost: "locating",
  submit_accepted: "submitted",
  observed: "progress",
  missed: null,
  rendered: "rendered",
  copy_begun: null,
  copy_failed: "copy_failed",
  completed: "completed",
  failed: "failed",
  cancel_requested: "cancel_requested",
  shared: "completed",
  rejoined: "joined",
  promoted: "promoted",
  settled: "settled",
  hold_expired: "hold_expired",
};

export interface ChangeContext {
  at: number;
  by: string;
}

/** Null when the transition makes no entry. */
export function changeOf(
  before: RequestRecord,
  after: RequestRecord,
  transition: Transition,
  { at, by }: ChangeContext,
): Change | null {
  const name = transition.name === "observed" ? observedName(before, after) : NAMES[transition.name];
  if (name === null) return null;
  const change = snapshot(after, { name, at, by });
  return transition.name === "copy_failed" ? { ...change, error: transition.error } : change;
}

/** Lists the fields one by one: a spread with added fields costs as much as the JSON of a record. */
export function snapshot(record: RequestRecord, { name, at, by }: Pick<Change, "name" | "at" | "by">): Change {
  const { status, progress, queuePosition, chargeState, attempts } = record;
  return { name, at, by, status, progress, queuePosition, chargeState, attempts };
}

function observedName(before: RequestRecord, after: RequestRecord): ChangeName | null {
  if (after.queuePosition !== null) return after.queuePosition === before.queuePosition ? null : "queued";
  const isFurther = stepOf(after.progress) !== stepOf(before.progress);
  return isFurther || before.queuePosition !== null ? "progress" : null;
}

const stepOf = (progress: number | null) => (progress === null ? null : Math.floor(progress / PROGRESS_STEP + 1e-9));

const INVISIBLE: ReadonlySet<ChangeName> = new Set<ChangeName>([
  "cancel_requested",
  "submit_rejected",
  "joined",
  "promoted",
  "copy_failed",
  "settled",
  "hold_expired",
]);

/** Does the change alter what callers see when they follow the status? The rest only appears in the time line. */
export function isVisible({ name }: Change): boolean {
  return !INVISIBLE.has(name);
}

/** The record as it was right after `change`. A terminal record never changes again, so it is returned as it is. */
export function asOf(record: RequestRecord, change: Change): RequestRecord {
  if (isTerminal(change.status)) return record;
  const { status, progress, queuePosition, chargeState, attempts } = change;
  const isTaken = status !== "pending";
  return {
    ...record,
    ...{ status, progress, queuePosition, chargeState, attempts },
    startedAt: isTaken ? record.startedAt : null,
    providerRequestId: isTaken ? record.providerRequestId : null,
    costMicro: chargeState === "charged" ? record.costMicro : 0,
    completedAt: null,
    outputs: [],
    failure: null,
    cache: { ...record.cache, sharedFrom: null, avoidedCostMicro: 0 },
  };
}
