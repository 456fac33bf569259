/**
 * Budgets: how much may be held and settled in a day or a month. The operator sets one for an organization; the
 * organization sets its own, and ones for its keys and for providers. All that apply must have room.
 */

import { createMemo } from "../memo.js";
import { alertsKey, type LedgerRow, spentField, spentKey } from "./ledger.js";
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

/** A budget has reached a threshold. Each threshold raises one alert per period and limit (lua/budgets.lua). */
export interface BudgetAlert {
  /** The id of the budget. */
  budget: string;
  /** The field that counts what was spent of it (`spentField`): the day or the month, and the subject. */
  counted: string;
  limitMicro: number;
  spentMicro: number;
  /** In percent. 100: the budget has been used up, or had no room for a request. */
  threshold: 80 | 100;
}

/** The day, or the first day of the month, in which the alert was raised. */
export function alertDay({ counted }: BudgetAlert): Day {
  const period: Day | Month = counted.slice(0, counted.indexOf("|"));
  return period.length === "2026-11".length ? `${period}-01` : period;
}

/** The budgets that may apply to a request. Only Redis knows which of them exist. */
export interface ApplyingBudgets {
  ids: string[];
  /** For lua/budgets.lua: the ids, the counter of what was spent with a field of each budget, the key of raised alerts. */
  json: string;
}

type BudgetRow = Pick<LedgerRow, "day" | "provider" | "apiKeyId">;

/** By row, because making the names takes longer than checking the budgets. */
const applying = createMemo<ApplyingBudgets>();

export function applyingBudgets(row: BudgetRow): ApplyingBudgets {
  return applying(`${row.day}|${row.provider}|${row.apiKeyId}`, () => budgetsOf(row));
}

function budgetsOf({ day, provider, apiKeyId }: BudgetRow): ApplyingBudgets {
  const subjects: BudgetSubject[] = ["operator", "organization", `key:${apiKeyId}`, `provider:${provider}`];
  const budgets = subjects.flatMap((subject) => BUDGET_PERIODS.map((period) => ({ subject, period })));
  const ids = budgets.map(({ subject, period }) => budgetId(subject, period));
  const fields = budgets.map((budget) => spentOf(budget, day));
  return { ids, json: JSON.stringify({ ids, key: spentKey(day), fields, alerts: alertsKey(day) }) };
}

/** The field that counts what was spent of a budget in the period that contains `day`. */
export function spentOf({ subject, period }: Pick<Budget, "subject" | "period">, day: Day): string {
  return spentField(period === "day" ? day : monthOf(day), subject === "operator" ? "organization" : subject);
}
