/**
 * Runs a call with a time limit and other signals that stop it. Not by `AbortSignal.any` and `AbortSignal.timeout`:
 * Node 20 may collect their signals as garbage, and then the limit never comes. Here the timer keeps a reference.
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
