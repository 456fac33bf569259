/** The list of requests: pages as they are scrolled to, and changes as the feed tells them. */
import { type Signal, signal } from "@preact/signals";
import type { Client, FeedEvent, RequestWithInput } from "@visgate_ai/client";
import { leaveIfRefused } from "../session.js";
import type { Feed } from "./feed.js";

/** As `client.requests.list` takes them, and as they are in the address. */
export const FILTERS = [
  "status",
  "model",
  "provider",
  "mediaType",
  "apiKeyId",
  "tag",
  "text",
  "createdAfter",
  "createdBefore",
] as const;
export type Filters = { [name in (typeof FILTERS)[number]]?: string };

export interface RequestList {
  /** Newest first. Changes at most once per frame. */
  rows: Signal<readonly RequestWithInput[]>;
  state: Signal<{ isLoading: boolean; error: Error | null; hasMore: boolean }>;
  /** Whether the reader looks at the newest ones: then old rows may go. */
  isAtTop: boolean;
  loadMore(): Promise<void>;
  reload(): Promise<void>;
  remove(id: string): void;
  close(): void;
}

const PAGE = 100;
/** How soon new requests show. Many come at once, and one call shows all of them. */
const HEAD_AFTER_MS = 1000;
/** A request that waits for a slot has no event yet. */
const HEAD_EVERY_MS = 15_000;
/** A page that stays open for days begins again from here on. */
const MAX_ROWS = 5000;

export function openRequests(client: Client, feed: Feed, filters: Filters): RequestList {
  const state = signal({ isLoading: true, error: null as Error | null, hasMore: true });
  const kept = keepRows();
  const statuses = filters.status === undefined ? null : new Set(filters.status.split(","));
  const list = (query: object) => client.requests.list({ ...filters, limit: PAGE, ...query } as object);
  let cursor: string | null = null;
  /** Of the newest reload. What an earlier one asked for comes too late. */
  let round = 0;
  let isClosed = false;
  let headTimer: ReturnType<typeof setTimeout> | null = null;

  /** Null when it comes too late. */
  async function load(query: object): Promise<Awaited<ReturnType<typeof list>> | null> {
    const mine = round;
    state.value = { ...state.value, isLoading: true };
    let error: Error | null = null;
    const page = await list(query).catch((thrown: Error) => {
      leaveIfRefused(thrown);
      error = thrown;
      return null;
    });
    if (isClosed || mine !== round) return null;
    if (page !== null) cursor = page.nextCursor;
    state.value = { isLoading: false, error, hasMore: cursor !== null };
    return page;
  }

  async function reload(): Promise<void> {
    round += 1;
    const page = await load({});
    if (page !== null) kept.replace(page.requests);
  }

  async function loadMore(): Promise<void> {
    if (state.value.isLoading || cursor === null) return;
    const page = await load({ cursor });
    if (page !== null) kept.add(page.requests);
  }

  async function loadHead(): Promise<void> {
    headTimer = null;
    if (opened.isAtTop && kept.size() > MAX_ROWS) return reload();
    const mine = round;
    const page = await list({}).catch(() => null);
    if (isClosed || page === null || mine !== round) return;
    // More are new than a page has: there would be a gap.
    if (kept.size() > 0 && !page.requests.some(({ id }) => kept.has(id))) return reload();
    kept.add(page.requests);
    if (state.value.error !== null) state.value = { isLoading: false, error: null, hasMore: cursor !== null };
  }

  const loadHeadSoon = () => {
    headTimer ??= setTimeout(loadHead, HEAD_AFTER_MS);
  };

  function onEvents(events: readonly FeedEvent[] | null): void {
    if (events === null) return void reload();
    for (const { requestId, data } of events) {
      if (requestId === null || requestId === undefined) continue;
      const status = data as RequestWithInput | null;
      if (!kept.has(requestId)) loadHeadSoon();
      else if (status === null || (statuses !== null && !statuses.has(status.status))) kept.remove(requestId);
      else kept.update(requestId, status);
    }
  }

  const unsubscribe = feed.subscribe(onEvents);
  const interval = setInterval(() => !document.hidden && loadHeadSoon(), HEAD_EVERY_MS);
  void reload();
  const opened: RequestList = {
    rows: kept.rows,
    state,
    isAtTop: true,
    loadMore,
    reload,
    remove: kept.remove,
    close() {
      isClosed = true;
      unsubscribe();
      clearInterval(interval);
      if (headTimer !== null) clearTimeout(headTimer);
    },
  };
  return opened;
}

/** Rows by their ids, which begin with the time of the request. */
function keepRows() {
  const rows = signal<readonly RequestWithInput[]>([]);
  const byId = new Map<string, RequestWithInput>();
  let order: string[] = [];
  let isDrawn = true;

  function draw() {
    if (!isDrawn) return;
    isDrawn = false;
    requestAnimationFrame(() => {
      isDrawn = true;
      rows.value = order.flatMap((id) => byId.get(id) ?? []);
    });
  }
  function add(page: readonly RequestWithInput[]) {
    for (const row of page) byId.set(row.id, row);
    if (byId.size !== order.length) order = [...byId.keys()].sort().reverse();
    draw();
  }
  return {
    rows,
    add,
    size: () => byId.size,
    has: (id: string) => byId.has(id),
    replace(page: readonly RequestWithInput[]) {
      byId.clear();
      order = [];
      add(page);
    },
    /** An event has no inputs: those of the row stay. */
    update(id: string, status: RequestWithInput) {
      byId.set(id, { ...byId.get(id), ...status });
      draw();
    },
    remove(id: string) {
      byId.delete(id);
      order = order.filter((one) => one !== id);
      draw();
    },
  };
}
