/** What the program uses of its process. Only main.ts touches the process itself; tests pass their own. */
import type { Readable, Writable } from "node:stream";

export interface Input extends Readable {
  isTTY?: boolean;
}

export interface Output extends Writable {
  isTTY?: boolean;
  /** The terminal's width in characters. */
  columns?: number;
}

export interface Environment {
  apiKey: string | undefined;
  baseUrl: string | undefined;
  /** The operator's key. It has no option, because other users can see command lines. */
  adminKey: string | undefined;
  noColor: boolean;
  /** The terminal cannot move its cursor. */
  isDumb: boolean;
}

export interface Io {
  stdout: Output;
  stderr: Output;
  /** Opens stdin. A command that does not read it must not call this. */
  stdin(): Input;
  env: Environment;
  /** Milliseconds since 1970. */
  now(): number;
  randomBytes(count: number): Buffer;
  fetch: typeof fetch;
  /** Rejects when the signal is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From now on the first Ctrl-C aborts the returned signal, and the second one ends the process. */
  catchInterrupt(): AbortSignal;
}
