/** The retry schedule of deliveries, and what follows from one attempt. */
import type { Delivery, DeliveryAttempt, DeliveryState } from "./delivery.js";

/** Seconds before the 2nd, 3rd … attempt. After the last attempt the delivery is abandoned. */
export const RETRY_SECONDS = [5, 30, 120, 600, 1800, 7200, 18_000, 36_000] as const;

export interface AttemptResult extends DeliveryAttempt {
  /** From `Retry-After`; null when the receiver sent none. */
  retryAfterMs: number | null;
}

/** The delivery after one attempt, and the sleep before the next one (null: no further attempt). */
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
