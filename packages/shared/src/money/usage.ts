/** Usage of an organization, read from the counters that are counted from its ledger. */
import type { Day } from "./period.js";

export const USAGE_METRICS = ["requests", "completed", "cached", "failed", "settled", "saved"] as const;
type Metric = (typeof USAGE_METRICS)[number];

/** Counts of requests, and money in micro-USD. */
export type UsageCounts = Record<Metric, number> & {
  /** The part of `settled` that was paid with the server's own keys. */
  billed: number;
};

export interface Usage {
  total: UsageCounts;
  byDay: Map<Day, UsageCounts>;
}

const noCounts = (): UsageCounts => {
  return { requests: 0, completed: 0, cached: 0, failed: 0, settled: 0, saved: 0, billed: 0 };
};

/** The counters of several months; each function below reads the days from `first` to `last` of them. */
type Counters = readonly ReadonlyMap<string, number>[];

/** The first and the last day of a period. */
export interface Days {
  first: Day;
  last: Day;
}

/** Each field that begins with one of the days: the day, the rest of the field's name, and its value. */
function* fieldsIn(counters: Counters, { first, last }: Days): Generator<[day: Day, rest: string, value: number]> {
  for (const counter of counters) {
    for (const [field, value] of counter) {
      const at = field.indexOf("|");
      const day = field.slice(0, at);
      if (day >= first && day <= last) yield [day, field.slice(at + 1), value];
    }
  }
}

/** From the counters by day and mode (`usageKey`). */
export function usageOf(counters: Counters, days: Days): Usage {
  const usage: Usage = { total: noCounts(), byDay: new Map() };
  for (const [day, rest, value] of fieldsIn(counters, days)) {
    const [mode, metric] = rest.split("|");
    const ofDay = usage.byDay.get(day) ?? noCounts();
    usage.byDay.set(day, ofDay);
    for (const counts of [usage.total, ofDay]) {
      counts[metric as Metric] += value;
      if (metric === "settled" && mode === "managed") counts.billed += value;
    }
  }
  return usage;
}

/** Requests by provider and by model, from the counters by model (`modelsKey`). */
export function requestsByModel(counters: Counters, days: Days) {
  const found = { byProvider: new Map<string, number>(), byModel: new Map<string, number>() };
  for (const [, rest, value] of fieldsIn(counters, days)) {
    if (value === 0) continue;
    const at = rest.indexOf("|");
    raise(found.byProvider, rest.slice(0, at), value);
    raise(found.byModel, rest.slice(at + 1), value);
  }
  return found;
}

/** How many completed requests took how long, by bucket (times.ts), from the counters by latency (`latenciesKey`). */
export function latenciesOf(counters: Counters, days: Days): Map<number, number> {
  const times = new Map<number, number>();
  for (const [, bucket, value] of fieldsIn(counters, days)) raise(times, Number(bucket), value);
  return times;
}

function raise<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

export interface UsageRow extends UsageCounts {
  day: Day;
  mode: string;
  provider: string;
  model: string;
  apiKeyId: string;
  tag: string;
}

/** The rows of the export, sorted. Only those with a request or with money. */
export function usageRows(counters: Counters, { first, last }: Days): UsageRow[] {
  const rows = new Map<string, UsageRow>();
  for (const [field, value] of counters.flatMap((counter) => [...counter])) {
    const at = field.lastIndexOf("|");
    const name = field.slice(0, at);
    const metric = field.slice(at + 1) as Metric;
    const row = rows.get(name) ?? { ...rowNamed(name), ...noCounts() };
    rows.set(name, row);
    row[metric] += value;
    if (metric === "settled" && row.mode === "managed") row.billed += value;
  }
  const shown = [...rows].filter(([, row]) => row.day >= first && row.day <= last && hasContent(row));
  return shown.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

/** A tag may contain the separator, so it is last. */
function rowNamed(name: string): Pick<UsageRow, "day" | "mode" | "provider" | "model" | "apiKeyId" | "tag"> {
  const [day = "", mode = "", provider = "", model = "", apiKeyId = "", ...tag] = name.split("|");
  return { day, mode, provider, model, apiKeyId, tag: tag.join("|") };
}

const hasContent = (row: UsageRow): boolean => USAGE_METRICS.some((metric) => row[metric] !== 0);
