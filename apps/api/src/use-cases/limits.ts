/** The answers to calls that would cross a limit of their organization or their key. */
import { VisgateError } from "@visgate/shared/errors";
import { addDays, parseBudgetId, periodAround } from "@visgate/shared/money";
import { RATE_WINDOW_SECONDS } from "@visgate/shared/organization";
import type { RequestRecord } from "@visgate/shared/request";
import type { FullBudget, RateState } from "@visgate/shared/store";
import { microToUsd } from "@visgate/shared/units";

/** Says what is left and on which day the budget renews. */
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
  const which = `the budget ${budget} for this ${period}`;
  if (needed_usd === null) return `The price of ${model} is not known, so ${which} cannot be kept; use another model.`;
  return `This call costs $${needed_usd}, and ${which} has $${left_usd} left. It renews on ${renews_on}.`;
}

const LIMITED = { api_key: "This API key", organization: "Your organization" };

export function tooManyCalls({ name, maximum, resetSeconds }: RateState): VisgateError {
  const generations = `${maximum} ${maximum === 1 ? "generation" : "generations"}`;
  const message = `${LIMITED[name]} may submit ${generations} a minute, and has; send the same call again in ${resetSeconds} s.`;
  const limit = { name, maximum, window_seconds: RATE_WINDOW_SECONDS };
  return new VisgateError("RATE_LIMIT_ERROR", message, { limit, retry_after_seconds: resetSeconds });
}

/** Nobody knows when a request ends. Renders take from seconds to minutes. */
const OPEN_RETRY_SECONDS = 10;

export function tooManyOpen(maximum: number): VisgateError {
  const requests = `${maximum} open ${maximum === 1 ? "request" : "requests"}`;
  const message = `Your organization may have ${requests}, and has; send the same call again when one has ended.`;
  const limit = { name: "open_requests", maximum };
  return new VisgateError("RATE_LIMIT_ERROR", message, { limit, retry_after_seconds: OPEN_RETRY_SECONDS });
}
