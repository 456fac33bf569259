/**
 * The events of the organization, for all parts of the page: one call that waits at the server. It pauses while the tab
 * is hidden, since a browser opens only a few connections to a server.
 */
import type { Client, FeedEvent } from "@visgate_ai/client";
import { leaveIfRefused } from "../session.js";

const AGAIN_AFTER_MS = 2000;
const WAIT_SECONDS = 30;
const PAGE = 100;

/** `events`: those since the last call, oldest first. Null: some may have been missed, so load what you show again. */
export type Listener = (events: readonly FeedEvent[] | null) => void;

export interface Feed {
  subscribe(listener: Listener): () => void;
  close(): void;
}

export function openFeed(client: Client): Feed {
  const listeners = new Set<Listener>();
  const closing = new AbortController();
  const tell = (events: readonly FeedEvent[] | null) => {
    for (const listener of listeners) listener(events);
  };
  void follow(client, tell, closing.signal);
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => closing.abort(),
  };
}

async function follow(client: Client, tell: Listener, closed: AbortSignal): Promise<void> {
  let after: number | null = null;
  let hasMissed = false;
  while (!closed.aborted) {
    try {
      await untilShown(closed);
      if (after === null) after = (await client.events.list({ limit: 1 })).latest;
      if (hasMissed) tell(null);
      hasMissed = false;
      const page = await client.events.list({ after, wait: WAIT_SECONDS, limit: PAGE });
      after = page.nextAfter;
      if (page.events.length > 0) tell(page.events);
    } catch (error) {
      if (closed.aborted) return;
      leaveIfRefused(error);
      // After an outage the server may have newer events than it keeps, or a restored database fewer than we have seen.
      [after, hasMissed] = [null, true];
      await pause(AGAIN_AFTER_MS, closed);
    }
  }
}

function untilShown(closed: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      if (document.hidden && !closed.aborted) return;
      document.removeEventListener("visibilitychange", end);
      resolve();
    };
    document.addEventListener("visibilitychange", end);
    closed.addEventListener("abort", end, { once: true });
  });
}

function pause(ms: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      closed.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    closed.addEventListener("abort", end);
  });
}
