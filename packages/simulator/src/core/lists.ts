import type { Job } from "./job.js";
import type { Simulation } from "./simulation.js";

const DEFAULT_LATE_SECONDS = 5;

/** The jobs that a provider's list shows now, oldest first; null when the list is refused. */
export function jobsListed(provider: string, { settings, ledger, now }: Simulation): Job[] | null {
  // A list has no prompt to match.
  const disaster = settings.disasters.take("list", "");
  if (disaster?.name === "list_refused") return null;
  const lateMs = disaster?.name === "list_late" ? (disaster.seconds ?? DEFAULT_LATE_SECONDS) * 1000 : 0;
  const shown = (job: Job) => job.provider === provider && job.submittedAt + lateMs <= now();
  return [...ledger.jobs.values()].filter(shown);
}

export interface ListPage<T> {
  items: T[];
  /** Where the newer and the older page begin; null without such a page. */
  newer: number | null;
  older: number | null;
}

/**
 * One page of a list that shows its last entry first. `from` counts the entries up to and including the first one
 * shown, so it still names the same page after new entries were added.
 */
export function pageOf<T>(all: readonly T[], size: number, from: number | null): ListPage<T> {
  const end = Math.min(from ?? all.length, all.length);
  const begin = Math.max(0, end - size);
  return {
    items: all.slice(begin, end).reverse(),
    newer: end < all.length ? Math.min(all.length, end + size) : null,
    older: begin > 0 ? begin : null,
  };
}
