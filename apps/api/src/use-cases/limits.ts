/** The answers to calls that would cross a limit of their organization or their key. */
import { VisgateError } from "@visgate/shared/errors";
import { addDays, monthOf, parseBudgetId, periodAround } from "@visgate/shared/money";
import type { RequestRecord } from "@visgate/shared/request";
import type { FullBudget } from "@visgate/shared/store";
import { microToUsd } from "@visgate/shared/units";

/** Says what is left and on which day the budget begins again. */
export function budgetExceeded(record: RequestRecord, budget: FullBudget): VisgateError {
  const { subject, period } = parseBudgetId(budget.id);
  const leftMicro = Math.max(0, budget.limitMicro - budget.spentMicro);
  const renewsOn = addDays(periodAround(record.day, period).last, 1);
  const details = {
    budget: subject,
    period,
    limit_usd: microToUsd(budget.limitMicro),
    left_usd: microToUsd(leftMicro),
    needed_usd: record.estimatedCostMicro === null ? null : microToUsd(record.estimatedCostMicro),
    renews_on: renewsOn,
  };
  return new VisgateError("BUDGET_EXCEEDED", messageOf(record, details), details);
}

interface Shown {
  budget: string;
  period: string;
  left_usd: number;
  needed_usd: number | null;
  renews_on: string;
}

function messageOf({ model }: RequestRecord, { budget, period, left_usd, needed_usd, renews_on }: Shown): string {
  const which = `the ${period}'s budget of ${budget}`;
  if (needed_usd === null) return `The price of ${model} is not known, so ${which} cannot be kept; use another model.`;
  const when = period === "month" ? monthOf(renews_on) : renews_on;
  return `This call costs $${needed_usd}, and ${which} has $${left_usd} left. It begins again with ${when}.`;
}

export function tooManyOpen(maximum: number): VisgateError {
  const message = `The organization has ${maximum} open requests, which is its limit; wait until one has ended.`;
  return new VisgateError("RATE_LIMIT_ERROR", message, { limit: { name: "open_requests", maximum } });
}
