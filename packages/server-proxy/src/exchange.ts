/** One exchange with the gateway: it ends with its response, when the browser disconnects, or at the time limit. */

export interface Exchange {
  /** Aborted when the exchange ends: stops everything that runs for it. */
  signal: AbortSignal;
  isTimedOut(): boolean;
  end(): void;
}

/** A timer takes at most 24.8 days; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @param browser aborted when the browser disconnects */
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
 * Passes an event stream on, chunk by chunk. When the gateway's stream breaks or the time limit is reached, this one
 * ends normally, and the browser resumes it. When nobody reads this one any more, the gateway's is cancelled.
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
