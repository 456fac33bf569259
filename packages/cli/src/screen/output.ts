/** Prints results to stdout and everything else to stderr. */
import type { Io } from "./io.js";
import { alignedLines, oneLine, tabbedLine } from "./text.js";

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof STYLES;

type Rows = AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

export interface TableOptions {
  /** Do not cut lines to the terminal's width. */
  whole?: boolean;
  /** The note when there are no rows. */
  empty?: string;
}

export interface Out {
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean;
  line(text: string): void;
  json(value: unknown): void;
  /** A terminal gets a header and aligned rows, a pipe gets rows with tabs; --quiet prints the first cells only. */
  table(header: readonly string[], rows: Rows, options?: TableOptions): Promise<void>;
  /** On stderr, but not with --quiet. */
  note(text: string): void;
  /** On stderr, also with --quiet. */
  say(text: string): void;
  paint(style: Style, text: string): string;
}

export interface OutOptions {
  color: boolean;
  quiet: boolean;
}

export function createOut({ stdout, stderr, env }: Io, { color, quiet }: OutOptions): Out {
  const isTerminal = stdout.isTTY === true;
  const isColored = color && !env.noColor && !env.isDumb && isTerminal;
  const paint = (style: Style, text: string) => (isColored ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text);
  const line = (text: string) => void stdout.write(`${text}\n`);
  const say = (text: string) => void stderr.write(`${oneLine(text)}\n`);
  const note = (text: string) => {
    if (!quiet) say(text);
  };
  /** Prints each row as it comes; resolves with the number of rows. */
  async function printTabbed(rows: Rows): Promise<number> {
    let count = 0;
    for await (const row of rows) {
      line(tabbedLine(quiet ? row.slice(0, 1) : row));
      count += 1;
    }
    return count;
  }
  /** Needs all rows to know the widths; resolves with the number of rows. */
  async function printAligned(header: readonly string[], rows: Rows, whole: boolean): Promise<number> {
    const all = await collect(rows);
    if (all.length === 0) return 0;
    const [first = "", ...rest] = alignedLines([header, ...all], whole ? 0 : (stdout.columns ?? 0));
    for (const text of [paint("dim", first), ...rest]) line(text);
    return all.length;
  }
  return {
    isTerminal,
    line,
    say,
    paint,
    json: (value) => line(JSON.stringify(value, null, isTerminal ? 2 : 0)),
    note,
    async table(header, rows, { whole = false, empty } = {}) {
      const count = quiet || !isTerminal ? await printTabbed(rows) : await printAligned(header, rows, whole);
      if (count === 0 && empty !== undefined) note(empty);
    },
  };
}

async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
