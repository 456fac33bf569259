/**
 * The one table of what a request may do next. Nothing else knows which transition is allowed; docs/states.md is
 * checked against it by a test. A status only ever moves forward, and a terminal one is entered once.
 */

export const STATUSES = ["pending", "processing", "completed", "failed"] as const;
export type Status = (typeof STATUSES)[number];

export const TRANSITIONS = [
  "submit_intended",
  "submit_rejected",
  "submit_lost",
  "accepted",
  "observed",
  "missed",
  "rendered",
  "copy_begun",
  "copy_failed",
  "completed",
  "failed",
  "cancel_requested",
  "shared",
  "rejoined",
  "promoted",
] as const;
export type TransitionName = (typeof TRANSITIONS)[number];

const TABLE: Record<Status, Partial<Record<TransitionName, Status>>> = {
  pending: {
    submit_intended: "pending",
    submit_rejected: "pending",
    submit_lost: "pending",
    accepted: "processing",
    failed: "failed",
    cancel_requested: "pending",
    shared: "completed",
    rejoined: "pending",
    promoted: "pending",
  },
  processing: {
    observed: "processing",
    missed: "processing",
    rendered: "processing",
    copy_begun: "processing",
    copy_failed: "processing",
    completed: "completed",
    failed: "failed",
    cancel_requested: "processing",
  },
  completed: {},
  failed: {},
};

/** Where `event` leads from `from`, or null when it is not allowed there. */
export function next(from: Status, event: TransitionName): Status | null {
  return TABLE[from][event] ?? null;
}

export function isTerminal(status: Status): boolean {
  return status === "completed" || status === "failed";
}
