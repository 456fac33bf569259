/** A delivery: the duty to notify one webhook of one event. It ends delivered, or given up on. */
import type { EventType } from "../request/public-event.js";

export type DeliveryState = "pending" | "delivered" | "abandoned";

export interface DeliveryAttempt {
  at: number;
  /** The process that made it. */
  by: string;
  httpStatus: number | null;
  ms: number;
  error: string | null;
}

export interface Delivery {
  v: 1;
  id: string;
  /** The `webhook-id`: the same for all who are told of one event, and over all attempts. */
  eventId: string;
  organization: string;
  requestId: string;
  type: EventType;
  /** The entry of the request's time line that it tells of, from 1. */
  change: number;
  /** The event's place in the organization's feed. */
  sequence: number;
  /** A registered endpoint; null for the request's own `webhook_url`. */
  endpointId: string | null;
  createdAt: number;
  state: DeliveryState;
  attempts: DeliveryAttempt[];
  /** Attempts of before it was sent anew: they do not count for the schedule. */
  attemptsBefore: number;
  /** Null when it is over or should be sent at once. */
  nextAttemptAt: number | null;
}

/** Seconds before the 2nd, 3rd … attempt; after the last one the delivery is abandoned. */
export const RETRY_SECONDS = [5, 30, 120, 600, 1800, 7200, 18_000, 36_000] as const;

export interface AttemptResult extends DeliveryAttempt {
  /** From `Retry-After`, when the receiver gave one. */
  retryAfterMs: number | null;
}

/** The delivery after one attempt, and how long to sleep before the next one (null: no further attempt). */
export function afterAttempt(
  delivery: Delivery,
  result: AttemptResult,
  schedule: readonly number[] = RETRY_SECONDS,
): { delivery: Delivery; retryInMs: number | null } {
  const { retryAfterMs, ...attempt } = result;
  const attempts = [...delivery.attempts, attempt];
  const done = (state: DeliveryState) => ({ delivery: { ...delivery, attempts, state }, retryInMs: null });
  if (attempt.httpStatus !== null && attempt.httpStatus >= 200 && attempt.httpStatus < 300) return done("delivered");
  const waitSeconds = schedule[delivery.attempts.length - delivery.attemptsBefore];
  if (attempt.httpStatus === 410 || waitSeconds === undefined) return done("abandoned");
  const retryInMs = Math.max(waitSeconds * 1000, Math.min(retryAfterMs ?? 0, 86_400_000));
  return { delivery: { ...delivery, attempts }, retryInMs };
}
