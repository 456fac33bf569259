/** A delivery: the duty to notify one webhook URL of one event. It ends delivered or abandoned. */
import type { Alert, AlertEventType } from "../alert/alert.js";
import type { BudgetAlert } from "../money/budget.js";
import type { BUDGET_EVENT_TYPE, RequestEventType } from "../request/public-event.js";

export type DeliveryState = "pending" | "delivered" | "abandoned";

export interface DeliveryAttempt {
  at: number;
  /** The process that made the attempt. */
  by: string;
  httpStatus: number | null;
  ms: number;
  error: string | null;
}

interface DeliveryFields {
  v: 1;
  id: string;
  /** The `webhook-id`: the same for every receiver of the event and for every attempt. */
  eventId: string;
  organization: string;
  /** The event's place in the organization's feed. */
  sequence: number;
  /** A registered endpoint; null for the request's own `webhook_url`. */
  endpointId: string | null;
  createdAt: number;
  state: DeliveryState;
  attempts: DeliveryAttempt[];
  /** Attempts from before the last redelivery. They do not count for the retry schedule. */
  attemptsBefore: number;
  /** Null when the delivery has ended, or should be sent at once. */
  nextAttemptAt: number | null;
}

/** A delivery of an event of a request. */
export interface RequestDelivery extends DeliveryFields {
  requestId: string;
  type: RequestEventType;
  /** The number of the change in the request's time line, from 1. */
  change: number;
  alert?: undefined;
}

/** An alert as it was at its event. */
export type AlertEvent =
  | { type: typeof BUDGET_EVENT_TYPE; alert: BudgetAlert }
  | { type: AlertEventType; alert: Alert };

/** A delivery of an alert, which it holds as it was at the event. */
export type AlertDelivery = DeliveryFields & { requestId: null; change: 0 } & AlertEvent;

export type Delivery = RequestDelivery | AlertDelivery;

/** The last attempt of a delivery to an endpoint that was disabled before it. */
export const ENDPOINT_DISABLED = "The endpoint is disabled.";
const GONE = 410;

/** Whether the delivery was given up because its endpoint was disabled, or because the endpoint said that it is gone. */
export function isStopped({ state, attempts }: Delivery): boolean {
  const last = attempts.at(-1);
  return state === "abandoned" && (last?.error === ENDPOINT_DISABLED || last?.httpStatus === GONE);
}

/** The delivery with all its attempts ahead of it. */
export function sentAgain(delivery: Delivery): Delivery {
  return { ...delivery, state: "pending", attemptsBefore: delivery.attempts.length, nextAttemptAt: null };
}
