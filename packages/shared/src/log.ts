/** Logging: one JSON line per event, secrets and prompts redacted whatever the caller passes. */
import { type DestinationStream, type Logger, pino } from "pino";

export type { DestinationStream, Logger };

const SECRET_FIELDS = [
  "authorization",
  "prompt",
  "apiKey",
  "api_key",
  "providerKey",
  "password",
  "secret",
  "token",
  "image_url",
  '["x-fal-key"]',
  '["x-replicate-key"]',
  '["x-runway-key"]',
];

export interface LogOptions {
  level: string;
  service: string;
  destination?: DestinationStream;
}

/** 8 KB of lines per write, or what there is after a quarter of a second: a system call a line would cost more than most requests. */
export function openLogOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: false, minLength: 8192, periodicFlush: 250 });
  process.on("exit", () => output.flushSync());
  return output;
}

export function createLogger({ level, service, destination }: LogOptions): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, field.startsWith("[") ? `*${field}` : `*.${field}`]);
  const options = {
    ...{ level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    redact: { paths, censor: "[redacted]" },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
