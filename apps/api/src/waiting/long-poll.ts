/** Holds an answer until something has happened, the time is up, or the caller hung up. It waits on Pub/Sub. */
import { isTerminal, type RequestRef } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { createWakeSignal, onAbort, type WakeSignal, wakeOn } from "./wake-signal.js";

export interface WaitOptions {
  timeoutMs: number;
  /** Aborts when the caller hangs up. */
  signal: AbortSignal;
}

export interface Awaited<T> {
  /** As the subscriber's: calls `wake` whenever `read` may have news. */
  listen: (wake: () => void) => Promise<() => void>;
  read: () => Promise<T>;
  /** Whether the wait is over with what was read. */
  isThere: (found: T) => boolean;
}

/**
 * Returns what was read last. It reads at once, so that a Redis that does not answer is noticed immediately, and again
 * when the subscription has begun, so that nothing between the two is missed.
 */
export async function holdUntil<T>(
  { draining }: Pick<Deps, "draining">,
  { listen, read, isThere }: Awaited<T>,
  { timeoutMs, signal }: WaitOptions,
): Promise<T> {
  const news = createWakeSignal();
  const stopEnds = endWith(news, { timeoutMs, signal, draining });
  const stopListening = wakeOn(listen, news);
  try {
    for (;;) {
      const found = await read();
      if (isThere(found) || news.ended) return found;
      await news.next();
    }
  } finally {
    stopEnds();
    stopListening();
  }
}

interface Ends extends WaitOptions {
  draining: AbortSignal;
}

/** Ends the signal with the time limit, the caller or the process. */
function endWith(news: WakeSignal, { timeoutMs, signal, draining }: Ends): () => void {
  const timer = setTimeout(news.end, timeoutMs);
  const stopDraining = onAbort(draining, news.end);
  signal.addEventListener("abort", news.end);
  if (signal.aborted) news.end();
  return () => {
    clearTimeout(timer);
    stopDraining();
    signal.removeEventListener("abort", news.end);
  };
}

interface RequestSource {
  store: { requests: Pick<Deps["store"]["requests"], "get"> };
  subscriber: Pick<Deps["subscriber"], "listen">;
  draining: AbortSignal;
}

/** The request when the wait is over, ended or not. Null when there is no such request. */
export function waitForTerminal(
  { store, subscriber, draining }: RequestSource,
  ref: RequestRef,
  wait: WaitOptions,
): Promise<StoredRequest | null> {
  const ended = {
    listen: (wake: () => void) => subscriber.listen(ref, wake),
    read: () => store.requests.get(ref),
    isThere: (found: StoredRequest | null) => found === null || isTerminal(found.doc.status),
  };
  return holdUntil({ draining }, ended, wait);
}
