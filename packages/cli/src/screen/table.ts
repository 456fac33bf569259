/** Rows for people or for programs: aligned and cut to the terminal, or whole and with tabs between. */
import { plain } from "./text.js";

/** One line per row; `columns` is the terminal's width, 0 when it is not known. */
export function aligned(rows: readonly (readonly string[])[], columns: number): string[] {
  const cells = rows.map((row) => row.map(plain));
  const widths = cells.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)),
    [],
  );
  return cells.map((row) => cut(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  "), columns));
}

export function tabbed(row: readonly string[]): string {
  return row.map(plain).join("\t");
}

function cut(line: string, columns: number): string {
  const text = line.trimEnd();
  return columns === 0 || text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
