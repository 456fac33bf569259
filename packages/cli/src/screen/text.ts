/** Values as text, and rows as lines. */

/** One line without control characters: a provider wrote some of these texts, and they must not steer the terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
}

/** `amount` in USD, exact to 1e-6: $2.40, $0.0425. */
export function usd(amount: number): string {
  return `$${amount.toFixed(6).replace(/0{1,4}$/, "")}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Whether a request is charged. `costUsd`: null when the amount is not known. */
export function chargeText(chargeState: string, costUsd: number | null): string {
  if (chargeState === "charged") return `The provider charges ${costUsd === null ? "" : `${usd(costUsd)} `}for it.`;
  if (chargeState === "released") return "The provider does not charge for it.";
  if (chargeState === "none") return "Nothing was sent to the provider, so nothing is charged.";
  return "It is not known whether the provider charges for it.";
}

/** For people: aligned columns, one line per row, cut at the terminal's width. `columns`: 0 when it is not known. */
export function alignedLines(rows: readonly (readonly string[])[], columns: number): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = cells.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)),
    [],
  );
  return cells.map((row) => cut(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  "), columns));
}

/** For programs: the whole cells, separated by tabs. */
export function tabbedLine(row: readonly string[]): string {
  return row.map(oneLine).join("\t");
}

function cut(line: string, columns: number): string {
  const text = line.trimEnd();
  return columns === 0 || text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
