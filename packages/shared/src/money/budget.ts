/**
 * Budgets: how much may be held and settled in a day or a month. The operator sets one for an organization; the
 * organization sets its own, and ones for its keys and for providers. All that apply must have room.
 */

import { type LedgerRow, spentField, spentKey } from "./ledger.js";
import { type Day, type Month, monthOf } from "./period.js";

export const BUDGET_PERIODS = ["day", "month"] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** `operator`: set by the operator for the whole organization. `organization`: set by the organization for itself. */
export type BudgetSubject = "operator" | "organization" | `key:${string}` | `provider:${string}`;

export interface Budget {
  subject: BudgetSubject;
  period: BudgetPeriod;
  limitMicro: number;
}

export const budgetId = (subject: BudgetSubject, period: BudgetPeriod): string => `${subject}|${period}`;

export function parseBudgetId(id: string): Pick<Budget, "subject" | "period"> {
  const at = id.lastIndexOf("|");
  return { subject: id.slice(0, at) as BudgetSubject, period: id.slice(at + 1) as BudgetPeriod };
}

/** How many percent of a budget raise an alert. 100: it has been used up, or had no room for a request. */
export const ALERT_THRESHOLDS = [80, 100] as const;

/** So much of a budget was used. Each threshold raises one alert per period and limit (lua/money.lua). */
export interface BudgetAlert {
  /** The id of the budget. */
  budget: string;
  /** The field of its counter: the day or the month, and whose. */
  counted: string;
  limitMicro: number;
  spentMicro: number;
  threshold: (typeof ALERT_THRESHOLDS)[number];
}

/** The day, or the first day of the month, in which the alert was raised. */
export function alertDay({ counted }: BudgetAlert): Day {
  const period: Day | Month = counted.slice(0, counted.indexOf("|"));
  return period.length === "2026-11".length ? `${period}-01` : period;
}

/** A budget that may apply: its id, and the counter of what was spent of it. */
export type BudgetCheck = readonly [id: string, key: string, field: string];

/** All budgets that may apply to a request; whether they exist, only Redis knows. */
export function budgetChecks({
  day,
  provider,
  apiKeyId,
}: Pick<LedgerRow, "day" | "provider" | "apiKeyId">): BudgetCheck[] {
  const subjects: BudgetSubject[] = ["operator", "organization", `key:${apiKeyId}`, `provider:${provider}`];
  return subjects.flatMap((subject) => BUDGET_PERIODS.map((period) => budgetCheck(subject, period, day)));
}

/** The counter of a budget for the period that contains `day`. */
export function budgetCheck(subject: BudgetSubject, period: BudgetPeriod, day: string): BudgetCheck {
  const counted = subject === "operator" ? "organization" : subject;
  return [budgetId(subject, period), spentKey(day), spentField(period === "day" ? day : monthOf(day), counted)];
}
