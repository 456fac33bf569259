/** Logging: one JSON line per event, secrets and prompts redacted whatever the caller passes. */
import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

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

export function createLogger(options: { level: string; service: string }, destination?: DestinationStream): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, field.startsWith("[") ? `*${field}` : `*.${field}`]);
  return pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: "[redacted]" },
    },
    ...(destination === undefined ? [] : [destination]),
  );
}
