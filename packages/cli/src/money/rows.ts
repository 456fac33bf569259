/** Usage, quotes and receipts as rows of a table. */
import type { Dashboard, Quote, Receipt, UsageSummary } from "@visgate_ai/client";
import { withValues } from "../screen/api-fields.js";
import { seconds, usd } from "../screen/text.js";

const usdOrNull = (amount: number | null): string | null => (amount === null ? null : usd(amount));
const yesOrNo = (value: boolean): string => (value ? "yes" : "no");

export function usageRows(usage: UsageSummary): [string, string][] {
  return withValues([
    ["period", usage.period],
    ["period_start", usage.periodStart],
    ["period_end", usage.periodEnd],
    ["total_requests", String(usage.totalRequests)],
    ["successful_requests", String(usage.successfulRequests)],
    ["failed_requests", String(usage.failedRequests)],
    ["cached_requests", String(usage.cachedRequests)],
    ["total_provider_cost", usd(usage.totalProviderCost)],
    ["total_billed_cost", usd(usage.totalBilledCost)],
    ["total_savings", usd(usage.totalSavings)],
  ]);
}

export const MODEL_HEADER = ["MODEL", "REQUESTS"];
/** The most used model first. */
export function modelRows({ byModel }: UsageSummary): string[][] {
  const models = Object.entries(byModel).sort(([, count], [, other]) => other - count);
  return models.map(([model, count]) => [model, String(count)]);
}

export const DAY_HEADER = ["DAY", "REQUESTS", "FAILED", "CACHED", "COST"];
export function dayRows({ byDay }: Dashboard): string[][] {
  return byDay.map((day) => [day.date, ...[day.generations, day.failed, day.cached].map(String), usd(day.costUsd)]);
}

export function quoteRows(quote: Quote): [string, string][] {
  const { samples, p50LatencyMs, p90LatencyMs } = quote;
  return withValues([
    ["model", quote.model],
    ["duration", quote.durationSeconds === null ? null : `${quote.durationSeconds} s`],
    ["cost", quote.costUsd === null ? "not known" : usd(quote.costUsd)],
    ["pricing", quote.pricing],
    ["mode", quote.mode],
    ["usual_latency", seconds(quote.usualLatencyMs)],
    ["p50_latency", p50LatencyMs === null ? null : seconds(p50LatencyMs)],
    ["p90_latency", p90LatencyMs === null ? null : seconds(p90LatencyMs)],
    ["samples", samples === 0 ? null : String(samples)],
    ...quote.budgets.map(({ budget, period, leftUsd, limitUsd }): [string, string] => [
      "budget",
      `${budget}, ${period}: ${usd(leftUsd)} left of ${usd(limitUsd)}`,
    ]),
    ["would_be_accepted", yesOrNo(quote.wouldBeAccepted)],
  ]);
}

export function receiptRows(receipt: Receipt): [string, string][] {
  const { settlement, attempts } = receipt;
  return withValues([
    ["request_id", receipt.requestId],
    ["status", receipt.status],
    ["model", receipt.model],
    ["mode", receipt.mode],
    ["day", receipt.day],
    ["api_key_id", receipt.apiKeyId],
    ["quoted", receipt.quote.costUsd === null ? "not known" : usd(receipt.quote.costUsd)],
    ...attempts.map(({ attempt, at, outcome, providerRequestId }): [string, string] => [
      `attempt ${attempt}`,
      [outcome, at, providerRequestId ?? ""].join(" ").trim(),
    ]),
    ["charge_state", receipt.chargeState],
    ["held", usd(receipt.heldUsd)],
    ["cost", usdOrNull(settlement?.costUsd ?? null)],
    ["cost_source", settlement?.costSource ?? null],
    ["units", settlement?.units == null ? null : String(settlement.units)],
    ["saved", usd(receipt.savedUsd)],
    ["simulated", receipt.simulated ? "yes" : null],
  ]);
}
