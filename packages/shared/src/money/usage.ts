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
  /** Requests by provider, and by model. */
  byProvider: Map<string, number>;
  byModel: Map<string, number>;
  byDay: Map<Day, UsageCounts>;
  /** How often requests that completed took a time, by its bucket (times.ts). */
  times: Map<number, number>;
}

const noCounts = (): UsageCounts => {
  return { requests: 0, completed: 0, cached: 0, failed: 0, settled: 0, saved: 0, billed: 0 };
};

/** `counters`: the totals of all months that have a day from `first` to `last`. */
export function usageOf(counters: readonly ReadonlyMap<string, number>[], first: Day, last: Day): Usage {
  const usage: Usage = {
    ...{ total: noCounts(), byProvider: new Map(), byModel: new Map(), byDay: new Map(), times: new Map() },
  };
  for (const [field, value] of counters.flatMap((counter) => [...counter])) {
    const [day = "", ...rest] = field.split("|");
    if (day >= first && day <= last) addField(usage, day, rest, value);
  }
  return usage;
}

function addField(usage: Usage, day: Day, rest: string[], value: number): void {
  if (rest.length === 2) {
    raise(usage.times, Number(rest[1]), value);
    return;
  }
  const [mode, provider = "", model = "", metric] = rest;
  const ofDay = usage.byDay.get(day) ?? noCounts();
  usage.byDay.set(day, ofDay);
  for (const counts of [usage.total, ofDay]) {
    counts[metric as Metric] += value;
    if (metric === "settled" && mode === "managed") counts.billed += value;
  }
  if (metric !== "requests" || value === 0) return;
  raise(usage.byProvider, provider, value);
  raise(usage.byModel, model, value);
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
export function usageRows(counters: readonly ReadonlyMap<string, number>[], first: Day, last: Day): UsageRow[] {
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
