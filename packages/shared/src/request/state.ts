/**
 * The state table: which transition is allowed in which status. No other code decides this, and a test compares the
 * table with docs/states.md. A status only moves forward, and a terminal status is entered once.
 */

export const STATUSES = ["pending", "processing", "completed", "failed"] as const;
export type Status = (typeof STATUSES)[number];

export const TRANSITIONS = [
  "queued",
  "submit_intended",
  "submit_rejected",
  "submit_lost",
  "submit_accepted",
  "observed",
  "missed",
  "rendered",
  "copy_begun",
  "copy_failed",
  "completed",
  "failed",
  "fell_back",
  "cancel_requested",
  "shared",
  "rejoined",
  "promoted",
  "settled",
  "hold_expired",
] as const;
export type TransitionName = (typeof TRANSITIONS)[number];

const TABLE: Record<Status, Partial<Record<TransitionName, Status>>> = {
  pending: {
    queued: "pending",
    submit_intended: "pending",
    submit_rejected: "pending",
    submit_lost: "pending",
    submit_accepted: "processing",
    failed: "failed",
    fell_back: "pending",
    cancel_requested: "pending",
    shared: "completed",
    rejoined: "pending",
    promoted: "pending",
  },
  processing: {
    // Submits of an alternative, after the provider had the job of the model before.
    queued: "processing",
    submit_intended: "processing",
    submit_rejected: "processing",
    submit_lost: "processing",
    submit_accepted: "processing",
    observed: "processing",
    missed: "processing",
    rendered: "processing",
    copy_begun: "processing",
    copy_failed: "processing",
    completed: "completed",
    failed: "failed",
    fell_back: "processing",
    cancel_requested: "processing",
  },
  completed: {},
  failed: {
    settled: "failed",
    hold_expired: "failed",
  },
};

/** The status after `transition`; null when the transition is not allowed in `from`. */
export function next(from: Status, transition: TransitionName): Status | null {
  return TABLE[from][transition] ?? null;
}

export function isTerminal(status: Status): boolean {
  return status === "completed" || status === "failed";
}
