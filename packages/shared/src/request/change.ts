/**
 * A change is one entry of a request's time line: what a transition altered, as far as anybody outside cares, with as
 * much of the record as is needed to tell later how it was then.
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
  | "failed";

export interface Change {
  name: ChangeName;
  at: number;
  /** The process that made it. */
  by: string;
  status: Status;
  progress: number | null;
  queuePosition: number | null;
  chargeState: ChargeState;
  attempts: number;
  /** Why a try to copy the output failed; on `copy_failed` alone. */
  error?: string;
}

/** Progress is told in steps of this share; a render of an hour has no more of them than one of a minute. */
const PROGRESS_STEP = 0.05;

const NAMES: Record<Transition["name"], ChangeName | null> = {
  submit_intended: null,
  submit_rejected: "submit_rejected",
  submit_lost: "locating",
  accepted: "submitted",
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
};

export interface ChangeContext {
  at: number;
  by: string;
}

/** Null when the event altered nothing that is told. */
export function changeOf(
  before: RequestRecord,
  after: RequestRecord,
  event: Transition,
  { at, by }: ChangeContext,
): Change | null {
  const name = event.name === "observed" ? observedName(before, after) : NAMES[event.name];
  if (name === null) return null;
  const change = snapshot(after, { name, at, by });
  return event.name === "copy_failed" ? { ...change, error: event.error } : change;
}

/** Field by field: a spread that is added to costs as much as a record's JSON. */
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
]);

/** Changes that alter the status of a request as callers see it. */
export function isVisible({ name }: Change): boolean {
  return !INVISIBLE.has(name);
}

/** The record as it was right after `change`; what is terminal does not change any more. */
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
