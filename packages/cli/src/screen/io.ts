/** What the program is given of the process it runs in. main.ts alone has the process itself. */

export interface Output extends NodeJS.WritableStream {
  isTTY?: boolean;
  /** The terminal's width in characters. */
  columns?: number;
}

export interface Environment {
  apiKey: string | undefined;
  baseUrl: string | undefined;
  noColor: boolean;
  /** The terminal cannot move its cursor. */
  isDumb: boolean;
}

export interface Io {
  stdout: Output;
  stderr: Output;
  /** What is on stdin; opened when it is read. */
  stdin(): AsyncIterable<Uint8Array>;
  env: Environment;
  /** Milliseconds since 1970. */
  now(): number;
  randomBytes(count: number): Buffer;
  fetch: typeof fetch;
  /** Rejects when the signal is aborted before. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From now on the first Ctrl-C aborts this signal instead of ending the process; the second one ends it. */
  catchInterrupt(): AbortSignal;
}
