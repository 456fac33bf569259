/** The feed: an organization's events after a number, in order, without a gap; held until there is one, if asked. */

import { invalid } from "@visgate/shared/errors";
import type { EventType } from "@visgate/shared/request";
import type { FeedBounds, FeedEntry } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { holdUntil, type WaitOptions } from "../waiting/long-poll.js";

/** So many entries one look goes through for events of the wanted types. */
const MAX_LOOKED_AT = 5000;

export interface FeedQuery {
  /** Null: from the oldest that is kept. */
  after: number | null;
  limit: number;
  /** Null: all. */
  types: ReadonlySet<EventType> | null;
  /** Null: the answer is not held. */
  wait: WaitOptions | null;
}

export interface FeedPage {
  entries: FeedEntry[];
  nextAfter: number;
  latest: number;
}

type FeedDeps = Pick<Deps, "store" | "subscriber" | "draining">;

export async function readFeed(deps: FeedDeps, organization: string, query: FeedQuery): Promise<FeedPage> {
  const { oldest, latest } = await deps.store.feed.bounds(organization);
  let position = query.after ?? oldest - 1;
  check(position, { oldest, latest });
  const read = async () => {
    const page = await lookFor(deps, organization, position, query);
    position = page.nextAfter;
    return page;
  };
  const news = {
    listen: (wake: () => void) => deps.subscriber.listenToFeed(organization, wake),
    read,
    isThere: ({ entries, isAtEnd }: Look) => entries.length > 0 || !isAtEnd,
  };
  const { entries, nextAfter } = await (query.wait === null ? read() : holdUntil(deps, news, query.wait));
  return { entries, nextAfter, latest: Math.max(latest, nextAfter) };
}

interface Look {
  entries: FeedEntry[];
  /** What came before has been looked at. */
  nextAfter: number;
  isAtEnd: boolean;
}

async function lookFor(
  { store }: FeedDeps,
  organization: string,
  after: number,
  { limit, types }: FeedQuery,
): Promise<Look> {
  const entries: FeedEntry[] = [];
  let nextAfter = after;
  while (nextAfter - after < MAX_LOOKED_AT) {
    const batch = await store.feed.read(organization, nextAfter, limit);
    const first = batch[0]?.sequence ?? nextAfter + 1;
    // Trimmed since the bounds were read.
    if (first !== nextAfter + 1) throw tooOld(first - 1);
    for (const entry of batch) {
      if (types === null || types.has(entry.type)) entries.push(entry);
      nextAfter = entry.sequence;
      if (entries.length === limit) return { entries, nextAfter, isAtEnd: false };
    }
    if (batch.length < limit) return { entries, nextAfter, isAtEnd: true };
  }
  return { entries, nextAfter, isAtEnd: false };
}

function check(after: number, { oldest, latest }: FeedBounds): void {
  if (after < oldest - 1) throw tooOld(oldest - 1);
  if (after <= Math.max(latest, oldest - 1)) return;
  const message = `after: must be at most ${latest}, the newest event; a larger one is from elsewhere.`;
  throw invalid("after", message, { maximum: latest });
}

function tooOld(minimum: number) {
  const message = `after: must be at least ${minimum}; what came before is no longer kept. GET /requests has what is.`;
  return invalid("after", message, { minimum });
}
