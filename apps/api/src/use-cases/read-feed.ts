/** Reads an organization's events after a number, in order and without a gap. It can wait for the next one. */

import type { FeedEvent } from "@visgate/shared/contract";
import { alertEventView } from "@visgate/shared/delivery";
import { invalid } from "@visgate/shared/errors";
import { asOf, type EventType, type RequestRecord, requestView } from "@visgate/shared/request";
import type { FeedBounds, FeedEntry } from "@visgate/shared/store";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { holdUntil, type WaitOptions } from "../waiting/long-poll.js";

/** How many entries one call reads to find events of the wanted types. */
const MAX_READ = 5000;

export interface FeedQuery {
  /** Null begins with the oldest event that is kept. */
  after: number | null;
  limit: number;
  /** Null for all types. */
  types: ReadonlySet<EventType> | null;
  /** Null to answer at once. */
  wait: WaitOptions | null;
}

export interface FeedPage {
  events: FeedEvent[];
  nextAfter: number;
  latest: number;
}

type FeedDeps = Pick<Deps, "store" | "subscriber" | "draining" | "fileUrls">;

export async function readFeed(deps: FeedDeps, organization: string, query: FeedQuery): Promise<FeedPage> {
  const { feed } = deps.store;
  const { oldest, latest } = await feed.reading(organization, () => feed.bounds(organization));
  let position = query.after ?? oldest - 1;
  checkAfter(position, { oldest, latest });
  const read = async () => {
    const page = await feed.reading(organization, () => readBatches(deps, organization, position, query));
    position = page.nextAfter;
    return page;
  };
  const news = {
    listen: (wake: () => void) => deps.subscriber.listenToFeed(organization, wake),
    read,
    isThere: ({ entries, isAtEnd }: Batches) => entries.length > 0 || !isAtEnd,
  };
  const { entries, nextAfter } = await (query.wait === null ? read() : holdUntil(deps, news, query.wait));
  const events = await eventsOf(deps, organization, entries);
  return { events, nextAfter, latest: Math.max(latest, nextAfter) };
}

interface Batches {
  entries: FeedEntry[];
  /** Everything up to this number has been read. */
  nextAfter: number;
  isAtEnd: boolean;
}

async function readBatches(
  { store }: FeedDeps,
  organization: string,
  after: number,
  { limit, types }: FeedQuery,
): Promise<Batches> {
  const entries: FeedEntry[] = [];
  let nextAfter = after;
  while (nextAfter - after < MAX_READ) {
    const batch = await store.feed.read(organization, nextAfter, limit);
    const first = batch[0]?.sequence ?? nextAfter + 1;
    // The feed was trimmed after its bounds were read.
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

function checkAfter(after: number, { oldest, latest }: FeedBounds): void {
  if (after < oldest - 1) throw tooOld(oldest - 1);
  if (after <= Math.max(latest, oldest - 1)) return;
  const message = `after: must be at most ${latest}, the number of the newest event; send the next_after of your last page.`;
  throw invalid("after", message, { maximum: latest });
}

function tooOld(minimum: number) {
  const message = `after: must be at least ${minimum}; older events are no longer kept. GET /requests lists what you missed.`;
  return invalid("after", message, { minimum });
}

/** Each event shows its request as it was right after the event; null when the request was erased. */
async function eventsOf(deps: FeedDeps, organization: string, entries: FeedEntry[]): Promise<FeedEvent[]> {
  const readRecord = createRecordReader(deps, organization);
  return Promise.all(entries.map((entry) => eventView(deps, organization, entry, readRecord)));
}

type ReadRecord = (id: string) => Promise<RequestRecord | null>;

/** Reads each request once, because one page often holds several events of one request. */
function createRecordReader({ store }: FeedDeps, organization: string): ReadRecord {
  const records = new Map<string, Promise<RequestRecord | null>>();
  return (id) => {
    const known = records.get(id) ?? store.requests.get({ organization, id }).then((found) => found?.doc ?? null);
    records.set(id, known);
    return known;
  };
}

async function eventView(
  deps: FeedDeps,
  organization: string,
  entry: FeedEntry,
  readRecord: ReadRecord,
): Promise<FeedEvent> {
  const { sequence, at } = entry;
  if ("alert" in entry) {
    return { sequence, ...alertEventView(entry), timestamp: isoTime(at), request_id: null };
  }
  const { type, requestId, change: number } = entry;
  const [record, change] = await Promise.all([
    readRecord(requestId),
    deps.store.timeline.change({ organization, id: requestId }, number),
  ]);
  const isKept = record !== null && change !== null;
  return {
    sequence,
    type,
    timestamp: isoTime(at),
    request_id: requestId,
    data: isKept ? requestView(asOf(record, change), deps.fileUrls) : null,
  };
}
