/** The audit log in Redis, newest first. The scripts that change settings write it with the change. */
import type { Redis } from "ioredis";
import type { AuditEntry } from "../organization/audit.js";
import type { Keys } from "./keys.js";
import { streamFields } from "./stream-fields.js";

export interface LoggedChange {
  /** Its place in the log. */
  id: string;
  entry: AuditEntry;
}

const MAX_ENTRIES = 100_000;

export function createAuditLog(redis: Redis, keys: Keys) {
  return {
    /** For changes that are no setting. */
    async write(organization: string, entry: AuditEntry): Promise<void> {
      await redis.xadd(keys.audit(organization), "MAXLEN", "~", MAX_ENTRIES, "*", "entry", JSON.stringify(entry));
    },

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
