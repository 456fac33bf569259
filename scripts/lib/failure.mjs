/**
 * A failure that one sentence explains to the user: what failed and what to do next. `logFile` is the log with the
 * details, `tail` its last lines.
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

/** The text for the terminal: the sentence, then the last lines of the log. @param {unknown} error */
export function describeFailure(error) {
  if (!(error instanceof StartError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const where = error.logFile ? `\n\nLog: ${error.logFile}` : "";
  const tail = error.tail ? `\n${error.tail.replace(/^/gm, "  | ")}` : "";
  return `${error.message}${where}${tail}`;
}

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
