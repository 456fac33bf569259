/** Does Redis keep what was accepted? */
import type { Diagnostics } from "@visgate_ai/client";
import { type Check, fault, ok, warning } from "./check.js";

export const REDIS_AWAY = fault(
  "redis",
  "The gateway cannot reach Redis; it answers 503 and accepts nothing.",
  "Start Redis, or mend REDIS_URL. What was accepted is in its append-only file and goes on by itself.",
);

export function checkRedis({ redis }: Diagnostics): Check {
  const { version, settings, safe, message } = redis;
  const text = `Redis ${version ?? "of unknown version"}. ${message}`;
  if (!safe) return fault("redis", text, "Correct redis.conf (deploy/redis.conf has all it takes) and restart Redis.");
  if (settings === null)
    return warning("redis", text, "Ask whoever runs it: appendonly yes, maxmemory-policy noeviction.");
  if (settings.appendFsync !== "always")
    return warning("redis", text, "With appendfsync always a 202 means: it is on disk.");
  return ok("redis", text);
}

export function checkAccepting({ accepting }: Diagnostics): Check[] {
  if (accepting) return [];
  const message = "The gateway takes no generations now: it is shutting down, or Redis is full.";
  return [fault("accepting", message, "Give Redis more memory (maxmemory), or lower RETENTION_DAYS.")];
}
