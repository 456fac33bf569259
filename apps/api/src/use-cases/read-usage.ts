/** What an organization used and spent in a period. */
import type { DashboardAnswer, UsageAnswer, UsageLog, UsageLogsQuery, UsageQuery } from "@visgate/shared/contract";
import {
  addDays,
  type Days,
  dayOf,
  latenciesKey,
  latenciesOf,
  modelsKey,
  monthsBetween,
  percentileOf,
  periodAround,
  requestsByModel,
  rowsKey,
  startOfDay,
  type UsageCounts,
  type UsageRow,
  usageKey,
  usageOf,
  usageRows,
} from "@visgate/shared/money";
import type { Organization } from "@visgate/shared/organization";
import { type RequestRecord, requestView } from "@visgate/shared/request";
import { isoTime, microToUsd } from "@visgate/shared/units";
import type { Deps } from "../deps.js";

type UsageDeps = Pick<Deps, "store" | "clock">;

function daysOf({ clock }: UsageDeps, { timeZone }: Organization, { period, date }: UsageQuery): Days {
  return periodAround(date ?? dayOf(clock.now(), timeZone), period);
}

/** One counter of every month that has a day of the period. */
function countersOf(
  { store }: UsageDeps,
  { id }: Organization,
  { first, last }: Days,
  keyOf: (month: string) => string,
) {
  return Promise.all(monthsBetween(first, last).map((month) => store.ledger.counter(id, keyOf(month))));
}

export async function readUsage(deps: UsageDeps, organization: Organization, query: UsageQuery): Promise<UsageAnswer> {
  const days = daysOf(deps, organization, query);
  const [counters, models] = await Promise.all([
    countersOf(deps, organization, days, usageKey),
    countersOf(deps, organization, days, modelsKey),
  ]);
  const { byProvider, byModel } = requestsByModel(models, days);
  return {
    period: query.period,
    ...timesOf(days, organization),
    ...countsOf(usageOf(counters, days).total),
    by_provider: Object.fromEntries(byProvider),
    by_model: Object.fromEntries(byModel),
  };
}

export function timesOf({ first, last }: Days, { timeZone }: Organization) {
  return {
    period_start: isoTime(startOfDay(first, timeZone)),
    period_end: isoTime(startOfDay(addDays(last, 1), timeZone)),
  };
}

function countsOf({ requests, completed, cached, failed, settled, billed, saved }: UsageCounts) {
  return {
    total_requests: requests,
    successful_requests: completed + cached,
    failed_requests: failed,
    cached_requests: cached,
    total_provider_cost: microToUsd(settled),
    total_billed_cost: microToUsd(billed),
    total_savings: microToUsd(saved),
  };
}

export async function readDashboard(
  deps: UsageDeps,
  organization: Organization,
  query: UsageQuery,
): Promise<DashboardAnswer> {
  const days = daysOf(deps, organization, query);
  const [counters, latencies] = await Promise.all([
    countersOf(deps, organization, days, usageKey),
    countersOf(deps, organization, days, latenciesKey),
  ]);
  const { total, byDay } = usageOf(counters, days);
  const succeeded = total.completed + total.cached;
  const sorted = [...byDay].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    period: query.period,
    total_generations: total.requests,
    total_cost_usd: microToUsd(total.settled),
    success_rate: shareOf(succeeded, succeeded + total.failed),
    cache_hit_rate: shareOf(total.cached, total.requests),
    p50_latency_ms: percentileOf(latenciesOf(latencies, days), 0.5),
    by_day: sorted.map(([date, { requests, failed, cached, settled }]) => {
      return { date, generations: requests, failed, cached, cost_usd: microToUsd(settled) };
    }),
  };
}

const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export async function exportUsage(
  deps: UsageDeps,
  organization: Organization,
  query: UsageQuery,
): Promise<{ days: Days; rows: UsageRow[] }> {
  const days = daysOf(deps, organization, query);
  return { days, rows: usageRows(await countersOf(deps, organization, days, rowsKey), days) };
}

type LogDeps = Pick<Deps, "store" | "fileUrls">;

export async function readUsageLogs(deps: LogDeps, organization: string, query: UsageLogsQuery): Promise<UsageLog[]> {
  const records = await deps.store.listing.newest(organization, query.offset, query.limit);
  return records.map((record) => usageLogOf(deps, record));
}

function usageLogOf({ fileUrls }: LogDeps, record: RequestRecord): UsageLog {
  const view = requestView(record, fileUrls);
  const { id, model, provider, media_type, mode, status, cost, cache_hit, latency_ms, created_at } = view;
  return {
    id,
    model,
    provider,
    media_type,
    mode,
    status,
    cost,
    cache_hit,
    latency_ms,
    created_at,
    api_key_id: record.apiKeyId,
  };
}
