/**
 * A time limit joined with other reasons to stop. Not `AbortSignal.any` with `AbortSignal.timeout`: what nobody but the
 * joined signal refers to is garbage for Node 20, and then the limit never comes. Here the timer holds on to it.
 */
export async function within<T>(
  limitMs: number,
  others: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("The time is up.", "TimeoutError")), limitMs);
  const stops = others.map((other) => {
    const stop = () => controller.abort(other.reason);
    if (other.aborted) stop();
    else other.addEventListener("abort", stop, { once: true });
    return () => other.removeEventListener("abort", stop);
  });
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    for (const stop of stops) stop();
  }
}
