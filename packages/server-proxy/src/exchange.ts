/** The life of one exchange: it ends when the answer is through, the browser goes away, or its time is over. */

export interface Exchange {
  /** Aborts all that is under way for it. */
  signal: AbortSignal;
  isTimedOut(): boolean;
  /** Stops the clock, and whatever still runs. */
  end(): void;
}

/** What timers can count. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function openExchange(browser: AbortSignal, timeoutMs: number): Exchange {
  const controller = new AbortController();
  let timedOut = false;
  const abort = () => controller.abort();
  const timer = setTimeout(
    () => {
      timedOut = true;
      abort();
    },
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  browser.addEventListener("abort", abort, { once: true });
  if (browser.aborted) abort();
  return {
    signal: controller.signal,
    isTimedOut: () => timedOut,
    end() {
      clearTimeout(timer);
      browser.removeEventListener("abort", abort);
      abort();
    },
  };
}

/**
 * Passes a stream on as it comes. It ends, like any stream that the browser will resume, when the gateway's breaks off
 * or the time is over; the gateway's ends when nobody reads this one any more.
 */
export function relay(body: ReadableStream<Uint8Array>, exchange: Exchange): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await reader.read().catch(() => null);
        if (chunk?.value !== undefined) return controller.enqueue(chunk.value);
        exchange.end();
        controller.close();
      },
      cancel: () => exchange.end(),
    },
    { highWaterMark: 0 },
  );
}
