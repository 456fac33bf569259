/** Holds a caller until what it waits for is there, its time is up, or it hung up. Nobody polls Redis. */
import type { Deps } from "../deps.js";
import { createWakeSignal, onAbort, type WakeSignal, wakeOn } from "./wake-signal.js";

export interface WaitOptions {
  timeoutMs: number;
  /** The caller hung up. */
  signal: AbortSignal;
}

export interface Awaited<T> {
  /** As the subscriber's: `wake` is called whenever `read` may have news. */
  listen: (wake: () => void) => Promise<() => void>;
  read: () => Promise<T>;
  isThere: (found: T) => boolean;
}

/**
 * What was read last. It is read at once and again when the subscription stands, so that nothing is missed and a Redis
 * that does not answer is noticed by the first read.
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
