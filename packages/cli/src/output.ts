/** Where results and remarks go: results to stdout, everything else to stderr. */
import type { Io } from "./io.js";
import { aligned, tabbed } from "./table.js";
import { plain } from "./text.js";

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof STYLES;

type Rows = AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

export interface Out {
  /** Is the result read by a person? */
  readonly isTerminal: boolean;
  line(text: string): void;
  json(value: unknown): void;
  /**
   * A header for people, and rows; the first cell identifies the row and is all that is left with --quiet. `whole`:
   * nothing is cut to the terminal.
   */
  table(header: readonly string[], rows: Rows, options?: { whole?: boolean }): Promise<void>;
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
  return {
    isTerminal,
    line,
    say,
    paint,
    json: (value) => line(JSON.stringify(value, null, isTerminal ? 2 : 0)),
    note: (text) => {
      if (!quiet) say(text);
    },
    async table(header, rows, { whole = false } = {}) {
      if (quiet || !isTerminal) {
        for await (const row of rows) line(tabbed(quiet ? row.slice(0, 1) : row));
        return;
      }
      const [first = "", ...rest] = aligned([header, ...(await collect(rows))], whole ? 0 : (stdout.columns ?? 0));
      for (const text of [paint("dim", first), ...rest]) line(text);
    },
  };
}

async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
