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
  /** Changes at most once per frame. */
  rows: Signal<readonly RequestWithInput[]>;
  state: Signal<{ isLoading: boolean; error: Error | null; hasMore: boolean }>;
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

export function openRequests(client: Client, feed: Feed, filters: Filters): RequestList {
  const rows = signal<readonly RequestWithInput[]>([]);
  const state = signal({ isLoading: true, error: null as Error | null, hasMore: true });
  const byId = new Map<string, RequestWithInput>();
  let order: string[] = [];
  let cursor: string | null = null;
  let isClosed = false;
  let isDrawn = true;
  let headTimer: ReturnType<typeof setTimeout> | null = null;

  const statuses = filters.status === undefined ? null : new Set(filters.status.split(","));
  const list = (query: object) => client.requests.list({ ...filters, limit: PAGE, ...query } as object);

  function draw() {
    if (!isDrawn || isClosed) return;
    isDrawn = false;
    requestAnimationFrame(() => {
      isDrawn = true;
      rows.value = order.map((id) => byId.get(id)).filter((row) => row !== undefined);
    });
  }

  async function guarded(work: () => Promise<void>) {
    state.value = { ...state.value, isLoading: true };
    let error: Error | null = null;
    try {
      await work();
    } catch (thrown) {
      leaveIfRefused(thrown);
      error = thrown as Error;
    }
    if (!isClosed) state.value = { isLoading: false, error, hasMore: cursor !== null };
  }

  const add = (page: readonly RequestWithInput[], at: "head" | "tail") => {
    const known = new Set(order);
    const fresh = page.filter(({ id }) => !known.has(id)).map(({ id }) => id);
    for (const row of page) byId.set(row.id, row);
    order = at === "head" ? [...fresh, ...order] : [...order, ...fresh];
    draw();
  };

  const reload = () =>
    guarded(async () => {
      const page = await list({});
      [order, cursor] = [[], page.nextCursor];
      byId.clear();
      add(page.requests, "tail");
    });

  const loadMore = () =>
    state.value.isLoading || cursor === null
      ? Promise.resolve()
      : guarded(async () => {
          const page = await list({ cursor });
          cursor = page.nextCursor;
          add(page.requests, "tail");
        });

  async function loadHead() {
    headTimer = null;
    const page = await list({}).catch(() => null);
    if (isClosed || page === null) return;
    const isGapless = order.length === 0 || page.requests.some(({ id }) => byId.has(id));
    if (!isGapless) [order, cursor] = [[], page.nextCursor];
    add(page.requests, "head");
    if (state.value.error !== null) state.value = { isLoading: false, error: null, hasMore: cursor !== null };
  }

  const loadHeadSoon = () => {
    headTimer ??= setTimeout(loadHead, HEAD_AFTER_MS);
  };

  function remove(id: string) {
    byId.delete(id);
    order = order.filter((one) => one !== id);
    draw();
  }

  function onEvents(events: readonly FeedEvent[] | null) {
    if (events === null) return void loadHead();
    for (const { requestId, data } of events) {
      if (requestId === null || requestId === undefined) continue;
      const known = byId.get(requestId);
      if (known === undefined) loadHeadSoon();
      else if (data === null) remove(requestId);
      else if (statuses !== null && !statuses.has((data as RequestWithInput).status)) remove(requestId);
      // An event has no inputs: those of the row stay.
      else byId.set(requestId, { ...known, ...(data as RequestWithInput) });
    }
    draw();
  }

  const unsubscribe = feed.subscribe(onEvents);
  const interval = setInterval(() => !document.hidden && loadHeadSoon(), HEAD_EVERY_MS);
  void reload();
  return {
    rows,
    state,
    loadMore,
    reload,
    remove,
    close() {
      isClosed = true;
      unsubscribe();
      clearInterval(interval);
      if (headTimer !== null) clearTimeout(headTimer);
    },
  };
}
