/** Where results and remarks go: results to stdout, everything else to stderr. */
import type { Io } from "./io.js";
import { aligned, tabbed } from "./table.js";
import { plain } from "./text.js";

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof STYLES;

type Rows = AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

export interface TableOptions {
  whole?: boolean;
  empty?: string;
}

export interface Out {
  /** Is the result read by a person? */
  readonly isTerminal: boolean;
  line(text: string): void;
  json(value: unknown): void;
  /**
   * A header for people, and rows; the first cell identifies the row and is all that is left with --quiet. `whole`:
   * nothing is cut to the terminal. `empty`: the remark where there are no rows.
   */
  table(header: readonly string[], rows: Rows, options?: TableOptions): Promise<void>;
  /** A remark that may be missed: not with --quiet. */
  note(text: string): void;
  /** What must be said. */
  say(text: string): void;
  paint(style: Style, text: string): string;
}

export interface OutOptions {
  color: boolean;
  quiet: boolean;
}

export function createOut({ stdout, stderr, env }: Io, { color, quiet }: OutOptions): Out {
  const isTerminal = stdout.isTTY === true;
  const colored = color && !env.noColor && !env.isDumb && isTerminal;
  const paint = (style: Style, text: string) => (colored ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text);
  const line = (text: string) => void stdout.write(`${text}\n`);
  const say = (text: string) => void stderr.write(`${plain(text)}\n`);
  const note = (text: string) => {
    if (!quiet) say(text);
  };
  /** These answer how many rows there were. */
  async function stream(rows: Rows): Promise<number> {
    let count = 0;
    for await (const row of rows) {
      line(tabbed(quiet ? row.slice(0, 1) : row));
      count += 1;
    }
    return count;
  }
  async function align(header: readonly string[], rows: Rows, whole: boolean): Promise<number> {
    const all = await collect(rows);
    if (all.length === 0) return 0;
    const [first = "", ...rest] = aligned([header, ...all], whole ? 0 : (stdout.columns ?? 0));
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
      const shown = quiet || !isTerminal ? await stream(rows) : await align(header, rows, whole);
      if (shown === 0 && empty !== undefined) note(empty);
    },
  };
}

async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
