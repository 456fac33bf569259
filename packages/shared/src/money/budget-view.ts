/** What callers see of a budget, and of one that has reached a threshold. */
import type { BudgetThreshold, BudgetView } from "../contract/money.js";
import { microToUsd } from "../units.js";
import { alertDay, type Budget, type BudgetAlert, parseBudgetId } from "./budget.js";
import { addDays, type Day, periodAround } from "./period.js";

/** `day`: any day of the period. */
export function budgetView(budget: Budget, spentMicro: number, day: Day): BudgetView {
  const { subject, period, limitMicro } = budget;
  return {
    ...{ subject, period },
    limit_usd: microToUsd(limitMicro),
    spent_usd: microToUsd(spentMicro),
    left_usd: microToUsd(Math.max(0, limitMicro - spentMicro)),
    renews_on: addDays(periodAround(day, period).last, 1),
  };
}

export function thresholdView(alert: BudgetAlert): BudgetThreshold {
  const { budget, limitMicro, spentMicro, threshold } = alert;
  const view = budgetView({ ...parseBudgetId(budget), limitMicro }, spentMicro, alertDay(alert));
  return { ...view, threshold_percent: threshold };
}
