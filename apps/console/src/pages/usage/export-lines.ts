/** Reads the CSV of GET /usage/export (RFC 4180): one line per day, mode, model, API key and tag. */

export interface UsageLine {
  provider: string;
  model: string;
  apiKeyId: string;
  tag: string;
  requests: number;
  completed: number;
  cached: number;
  failed: number;
  /** Whole micro-USD, so that sums are exact. */
  costMicro: number;
  savedMicro: number;
}

export function readUsage(csv: string): UsageLine[] {
  const [head = [], ...rows] = readCsv(csv);
  return rows.map((row) => {
    const of = (name: string) => row[head.indexOf(name)] ?? "";
    const micro = (name: string) => Math.round(Number(of(name)) * 1e6);
    return {
      provider: of("provider"),
      model: of("model"),
      apiKeyId: of("api_key_id"),
      tag: of("tag"),
      requests: Number(of("requests")),
      completed: Number(of("completed")),
      cached: Number(of("cached")),
      failed: Number(of("failed")),
      costMicro: micro("cost_usd"),
      savedMicro: micro("saved_usd"),
    };
  });
}

/** A quoted cell may hold commas, line ends and doubled quotes. */
export function readCsv(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end = ""] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === "" && quoted === undefined && plain === "" && row.length === 0) break;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const SUMMED = ["requests", "completed", "cached", "failed", "costMicro", "savedMicro"] as const;
export type Sums = Record<(typeof SUMMED)[number], number>;

/** The dearest first. */
export function sumBy(lines: readonly UsageLine[], keyOf: (line: UsageLine) => string): [key: string, Sums][] {
  const sums = new Map<string, Sums>();
  for (const line of lines) {
    const key = keyOf(line);
    const sum = sums.get(key) ?? { requests: 0, completed: 0, cached: 0, failed: 0, costMicro: 0, savedMicro: 0 };
    for (const name of SUMMED) sum[name] += line[name];
    sums.set(key, sum);
  }
  return [...sums].sort(([, a], [, b]) => b.costMicro - a.costMicro || b.requests - a.requests);
}
