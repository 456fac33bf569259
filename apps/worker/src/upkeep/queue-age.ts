/**
 * Whether the oldest pending request of an organization has waited for too long. Only open requests are read that are
 * old enough, the oldest first, until one is found. Those that do not count are read once: a request never becomes
 * pending again. A follower that was passed may take over from its leader; newer requests show whether it is stuck then.
 */
import type { Condition } from "@visgate/shared/alert";
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { OF_ORGANIZATION } from "./alert-conditions.js";

/** What is too much for one look is left to the next. */
const MAX_READ = 500;

type QueueAgeDeps = Pick<Deps, "store" | "clock" | "settings">;

export interface QueueAge {
  condition(organization: string): Promise<Condition | null>;
}

export function createQueueAge({ store, clock, settings }: QueueAgeDeps): QueueAge {
  const { queueAgeMs } = settings.alerts;
  /** By organization, the old requests that need not be read again. */
  const passed = new Map<string, Set<string>>();

  /** Null when none of them counts. */
  async function oldestPending(organization: string, ids: readonly string[]): Promise<RequestRecord | null> {
    const known = passed.get(organization) ?? new Set();
    const still = new Set(ids.filter((id) => known.has(id)));
    passed.set(organization, still);
    for (const id of ids.filter((one) => !still.has(one)).slice(0, MAX_READ)) {
      const record = (await store.requests.get({ organization, id }))?.doc;
      if (record === undefined) continue;
      if (isWaiting(record)) return record;
      still.add(id);
    }
    return null;
  }

  return {
    async condition(organization) {
      if (queueAgeMs === 0) return null;
      const now = clock.now();
      const ids = await store.maintenance.openBefore(organization, now - queueAgeMs);
      const oldest = ids.length === 0 ? null : await oldestPending(organization, ids);
      if (ids.length === 0) passed.delete(organization);
      if (oldest === null) return null;
      const value = Math.round((now - oldest.createdAt) / 1000);
      const message = `Request ${oldest.id} has been pending for ${value} s. GET /diagnostics shows queues and workers.`;
      return { kind: "queue_age", subject: OF_ORGANIZATION, message, value, threshold: queueAgeMs / 1000 };
    },
  };
}

/** Not by choice: low priority waits for other requests, and a follower for the request whose output it will show. */
const isWaiting = ({ status, priority, cache, cancelRequestedAt }: RequestRecord): boolean =>
  status === "pending" && priority !== "low" && cache.leaderId === null && cancelRequestedAt === null;
