/**
 * A failure to tell the person at the terminal in one sentence: what failed and what to do.
 * `logFile` and `tail` point at the log that explains it.
 */
export class StartError extends Error {
  /**
   * @param {string} message
   * @param {{ logFile?: string | undefined, tail?: string | undefined, cause?: unknown }} [details]
   */
  constructor(message, { logFile, tail, cause } = {}) {
    super(message, { cause });
    this.name = "StartError";
    this.logFile = logFile;
    this.tail = tail;
  }
}

/** @param {unknown} error the text for the terminal: the sentence, then the end of the log */
export function describeFailure(error) {
  if (!(error instanceof StartError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const where = error.logFile ? `\n\nLog: ${error.logFile}` : "";
  const tail = error.tail ? `\n${error.tail.replace(/^/gm, "  | ")}` : "";
  return `${error.message}${where}${tail}`;
}
