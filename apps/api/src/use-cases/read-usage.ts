/** What an organization used and spent in a period. */
import type { DashboardAnswer, UsageAnswer, UsageLog, UsageLogsQuery, UsageQuery } from "@visgate/shared/contract";
import {
  addDays,
  dayOf,
  monthsBetween,
  percentileOf,
  periodAround,
  rowsKey,
  startOfDay,
  totalsKey,
  type Usage,
  type UsageCounts,
  type UsageRow,
  usageOf,
  usageRows,
} from "@visgate/shared/money";
import type { Organization } from "@visgate/shared/organization";
import { isoTime, type RequestRecord, requestView } from "@visgate/shared/request";
import { microToUsd } from "@visgate/shared/units";
import type { Deps } from "../deps.js";

type UsageDeps = Pick<Deps, "store" | "clock">;

interface Days {
  first: string;
  last: string;
}

function daysOf({ clock }: UsageDeps, { timeZone }: Organization, { period, date }: UsageQuery): Days {
  return periodAround(date ?? dayOf(clock.now(), timeZone), period);
}

async function usageIn({ store }: UsageDeps, { id }: Organization, { first, last }: Days): Promise<Usage> {
  const months = monthsBetween(first, last);
  return usageOf(await Promise.all(months.map((month) => store.ledger.counter(id, totalsKey(month)))), first, last);
}

export async function readUsage(deps: UsageDeps, organization: Organization, query: UsageQuery): Promise<UsageAnswer> {
  const days = daysOf(deps, organization, query);
  const { total, byProvider, byModel } = await usageIn(deps, organization, days);
  return {
    period: query.period,
    ...timesOf(days, organization),
    ...countsOf(total),
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
  const { total, byDay, times } = await usageIn(deps, organization, daysOf(deps, organization, query));
  const succeeded = total.completed + total.cached;
  const days = [...byDay].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    period: query.period,
    total_generations: total.requests,
    total_cost_usd: microToUsd(total.settled),
    success_rate: shareOf(succeeded, succeeded + total.failed),
    cache_hit_rate: shareOf(total.cached, total.requests),
    p50_latency_ms: percentileOf(times, 0.5),
    by_day: days.map(([date, { requests, failed, cached, settled }]) => {
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
  const { id } = organization;
  const months = monthsBetween(days.first, days.last);
  const counters = await Promise.all(months.map((month) => deps.store.ledger.counter(id, rowsKey(month))));
  return { days, rows: usageRows(counters, days.first, days.last) };
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
