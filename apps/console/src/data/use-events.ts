/** Loads again what an event of the feed has changed. */
import type { FeedEvent } from "@visgate_ai/client";
import { useEffect, useRef } from "preact/hooks";
import type { Feed } from "./feed.js";

interface Options {
  /** The events that change it. */
  of: (event: FeedEvent) => boolean;
  /** Many events at once are one reload, this long after the first; 0 unless given. */
  afterMs?: number;
}

export function useEvents(feed: Feed, reload: () => void, { of, afterMs = 0 }: Options): void {
  const latest = useRef({ reload, of });
  latest.current = { reload, of };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const unsubscribe = feed.subscribe((events) => {
      if (timer !== null || !(events === null || events.some((event) => latest.current.of(event)))) return;
      timer = setTimeout(() => {
        timer = null;
        latest.current.reload();
      }, afterMs);
    });
    return () => {
      unsubscribe();
      if (timer !== null) clearTimeout(timer);
    };
  }, [feed, afterMs]);
}
