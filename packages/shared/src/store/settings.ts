/** Settings of an organization in Redis hashes, changed only by compare-and-set, each with its audit entry. */
import type { Redis } from "ioredis";
import type { AuditEntry } from "../organization/audit.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

/** One kind of settings of an organization: documents by their ids. */
export interface Settings<T> {
  get(organization: string, id: string): Promise<T | null>;
  list(organization: string): Promise<T[]>;
  /** `changed`: another process changed it since `before` was read. `full`: there are too many. */
  save(change: SettingChange<T>): Promise<"saved" | "changed" | "full">;
}

export interface SettingChange<T> {
  organization: string;
  id: string;
  /** As it was read; null for a new one. */
  before: T | null;
  /** Null to remove it. */
  after: T | null;
  /** Null for a change that nobody made by hand. */
  audit: AuditEntry | null;
}

const OUTCOMES = { "1": "saved", "0": "changed", "-1": "full" } as const;

export interface SettingsOptions {
  redis: Redis;
  keys: Keys;
  scripts: Scripts;
  keyOf(organization: string): string;
  maximum: number;
}

export function createSettings<T>({ redis, keys, scripts, keyOf, maximum }: SettingsOptions): Settings<T> {
  return {
    async get(organization, id) {
      const text = await redis.hget(keyOf(organization), id);
      return text === null ? null : JSON.parse(text);
    },

    async list(organization) {
      const texts = await redis.hvals(keyOf(organization));
      return texts.map((text) => JSON.parse(text));
    },

    async save({ organization, id, before, after, audit }) {
      const text = (value: unknown) => (value === null ? "" : JSON.stringify(value));
      const saved = await scripts.saveSetting({
        keys: [keyOf(organization), keys.audit(organization)],
        args: [id, text(before), text(after), maximum, text(audit)],
      });
      return OUTCOMES[String(saved) as keyof typeof OUTCOMES];
    },
  };
}

/** Changes one setting, again if another process was quicker. `change` gets null when there is none, and may throw. */
export async function changeSetting<T>(
  settings: Settings<T>,
  { organization, id }: { organization: string; id: string },
  change: (before: T | null) => Pick<SettingChange<T>, "after" | "audit"> | null,
): Promise<{ before: T | null; after: T | null; isFull: boolean }> {
  for (;;) {
    const before = await settings.get(organization, id);
    const changed = change(before);
    if (changed === null) return { before, after: before, isFull: false };
    const outcome = await settings.save({ organization, id, before, ...changed });
    if (outcome !== "changed") return { before, after: changed.after, isFull: outcome === "full" };
  }
}
