/** Logging: one JSON line per event. Secrets and prompts are redacted, whatever the caller passes. */
import { type DestinationStream, type LogFn, type Logger, pino } from "pino";
import { hideUrlSecrets } from "./hide-url-secrets.js";
import { createRedactor } from "./redact.js";

export type { DestinationStream, Logger };

export interface LogOptions {
  level: string;
  service: string;
  /** More names of fields whose values are never logged: those of the providers' keys. */
  secretNames: readonly string[];
  destination?: DestinationStream;
}

/** Writes 64 KB at a time, or every quarter of a second: a system call per line would cost more than most requests. */
export function openLogOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: false, minLength: 65_536, maxWrite: 131_072, periodicFlush: 250 });
  process.on("exit", () => output.flushSync());
  return output;
}

export function createLogger({ level, service, secretNames, destination }: LogOptions): Logger {
  const { redact, redactFields } = createRedactor(secretNames);
  const options = {
    ...{ level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    formatters: { log: (fields: object) => redactFields({ ...fields }) },
    serializers: { err: redact },
    hooks: { logMethod },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** The message is not one of the fields that are redacted. Without one, pino takes the message of the error. */
function logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, ...texts]: unknown[] = args;
  const error = first instanceof Error ? first : (first as { err?: unknown } | null)?.err;
  const message = texts.length === 0 && error instanceof Error ? [error.message] : texts;
  const shown = [first, ...message].map((each) => (typeof each === "string" ? hideUrlSecrets(each) : each));
  method.apply(this, shown as Parameters<LogFn>);
}
