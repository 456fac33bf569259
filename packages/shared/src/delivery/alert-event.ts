/** What callers see of the event of an alert. */
import type { AlertEventType } from "../alert/alert.js";
import { alertView } from "../alert/alert-view.js";
import type { AlertView } from "../contract/alert.js";
import type { BudgetThreshold } from "../contract/money.js";
import { thresholdView } from "../money/budget-view.js";
import { BUDGET_EVENT_TYPE } from "../request/public-event.js";
import type { AlertEvent } from "./delivery.js";

export type AlertEventView =
  | { type: typeof BUDGET_EVENT_TYPE; data: BudgetThreshold }
  | { type: AlertEventType; data: AlertView };

export function alertEventView(event: AlertEvent): AlertEventView {
  if (event.type === BUDGET_EVENT_TYPE) return { type: event.type, data: thresholdView(event.alert) };
  return { type: event.type, data: alertView(event.alert) };
}
