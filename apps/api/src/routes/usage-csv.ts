/** Usage rows as CSV (RFC 4180). */
import type { UsageRow } from "@visgate/shared/money";

const COLUMNS: Record<string, (row: UsageRow) => string | number> = {
  day: ({ day }) => day,
  mode: ({ mode }) => mode,
  provider: ({ provider }) => provider,
  model: ({ model }) => model,
  api_key_id: ({ apiKeyId }) => apiKeyId,
  tag: ({ tag }) => harmless(tag),
  requests: ({ requests }) => requests,
  completed: ({ completed }) => completed,
  cached: ({ cached }) => cached,
  failed: ({ failed }) => failed,
  cost_usd: ({ settled }) => usd(settled),
  billed_usd: ({ billed }) => usd(billed),
  saved_usd: ({ saved }) => usd(saved),
};

/** Exact: six decimals of a dollar. */
const usd = (micro: number): string =>
  `${micro < 0 ? "-" : ""}${Math.floor(Math.abs(micro) / 1e6)}.${String(Math.abs(micro) % 1e6).padStart(6, "0")}`;

export function usageCsv(rows: readonly UsageRow[]): string {
  const columns = Object.values(COLUMNS);
  const lines = rows.map((row) => columns.map((column) => cell(column(row))).join(","));
  return `${[Object.keys(COLUMNS).join(","), ...lines].join("\r\n")}\r\n`;
}

/** A tag comes from callers. A spreadsheet would run one that begins like a formula, also in full-width characters. */
const harmless = (text: string): string => (/^[=+@\-\t\r\n＝＋＠－]/.test(text) ? `'${text}` : text);

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
