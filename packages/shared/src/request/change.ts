/**
 * A change is one entry of a request's time line: a transition that matters to callers, with the fields of
 * the record that are needed to show the request as it was at that moment.
 */

import type { ChargeState, RequestRecord, Tried } from "./record.js";
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
  | "fell_back"
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
  /** How many models were tried before the one of this moment; only on requests with a fallback. */
  tried?: number;
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
  fell_back: "fell_back",
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
  const { status, progress, queuePosition, chargeState, attempts, fallback } = record;
  const change: Change = { name, at, by, status, progress, queuePosition, chargeState, attempts };
  if (fallback !== undefined) change.tried = fallback.tried.length;
  return change;
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
    ...modelAt(record, change),
    startedAt: isTaken ? record.startedAt : null,
    providerRequestId: isTaken ? jobIdAt(record, change) : null,
    costMicro: chargeState === "charged" ? record.costMicro : 0,
    completedAt: null,
    outputs: [],
    failure: null,
    cache: { ...record.cache, sharedFrom: null, avoidedCostMicro: 0 },
  };
}

/** The fields of the model that was in work at the time of the change. */
function modelAt(record: RequestRecord, change: Change) {
  const before = triedAt(record, change);
  if (before === null) return {};
  const { model, provider, mode, durationSeconds } = before;
  return { model, provider, mode, input: { ...record.input, durationSeconds } };
}

/** Null while the model of that moment had no job at its provider. */
export function jobIdAt(record: RequestRecord, change: Change): string | null {
  if (change.tried === undefined) return record.providerRequestId;
  if (change.chargeState === "none" || change.chargeState === "unknown") return null;
  const before = triedAt(record, change);
  return before === null ? record.providerRequestId : before.providerRequestId;
}

/** Null when the model of that moment is the one of the record. */
const triedAt = ({ fallback }: RequestRecord, { tried }: Change): Tried | null =>
  tried === undefined ? null : (fallback?.tried[tried] ?? null);
