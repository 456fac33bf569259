/** Entries of the feed as callers see them, each with its request as it was right after the event. */
import type { FeedEvent } from "@visgate/shared/contract";
import { asOf, isoTime, type RequestRecord, requestView } from "@visgate/shared/request";
import type { FeedEntry } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

type FeedDeps = Pick<Deps, "store" | "fileUrls">;

export async function feedView(deps: FeedDeps, organization: string, entries: FeedEntry[]): Promise<FeedEvent[]> {
  const read = createReader(deps, organization);
  return Promise.all(entries.map((entry) => eventView(deps, organization, entry, read)));
}

type Read = (id: string) => Promise<RequestRecord | null>;

/** One page often holds several events of one request. */
function createReader({ store }: FeedDeps, organization: string): Read {
  const records = new Map<string, Promise<RequestRecord | null>>();
  return (id) => {
    const known = records.get(id) ?? store.requests.get({ organization, id }).then((found) => found?.doc ?? null);
    records.set(id, known);
    return known;
  };
}

async function eventView(deps: FeedDeps, organization: string, entry: FeedEntry, read: Read): Promise<FeedEvent> {
  const { sequence, type, requestId, change: number, at } = entry;
  const [record, change] = await Promise.all([
    read(requestId),
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
