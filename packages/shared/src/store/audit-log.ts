/** The audit log in Redis, newest first. The scripts that make a change by hand write it (lua/audit.lua). */
import type { Redis } from "ioredis";
import type { AuditEntry } from "../organization/audit.js";
import type { Keys } from "./keys.js";
import { streamFields } from "./stream-fields.js";

export interface LoggedChange {
  /** Its place in the log. */
  id: string;
  entry: AuditEntry;
}

export function createAuditLog(redis: Redis, keys: Keys) {
  return {
    /** At most `limit` entries that are older than the one with the id `before`; null: from the newest. */
    async read(organization: string, before: string | null, limit: number): Promise<LoggedChange[]> {
      // Redis refuses to look for something before its first possible entry.
      if (before !== null && /^0+-0+$/.test(before)) return [];
      const from = before === null ? "+" : `(${before}`;
      const entries = await redis.xrevrange(keys.audit(organization), from, "-", "COUNT", limit);
      return entries.map(([id, fields]) => ({ id, entry: JSON.parse(streamFields(fields)("entry")) }));
    },
  };
}
