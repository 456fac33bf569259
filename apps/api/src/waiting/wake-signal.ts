/** What a held caller waits for: it wakes when there may be news, and ends with the time limit, the caller or the process. */

export interface WakeSignal {
  readonly ended: boolean;
  wake(): void;
  end(): void;
  /** Resolves when it is next woken, at once if it was woken since the last time, and when it has ended. For one waiter. */
  next(): Promise<void>;
}

export function createWakeSignal(): WakeSignal {
  let isPending = false;
  let waiting: (() => void) | null = null;
  const resume = () => {
    const resolve = waiting;
    waiting = null;
    resolve?.();
  };
  const signal = {
    ended: false,
    wake() {
      isPending = waiting === null;
      resume();
    },
    end() {
      signal.ended = true;
      resume();
    },
    next() {
      if (!isPending && !signal.ended) return new Promise<void>((resolve) => (waiting = resolve));
      isPending = false;
      return Promise.resolve();
    },
  };
  return signal;
}

/**
 * Wakes the signal when the subscription stands and at everything it hears, and ends it when there can be no
 * subscription. Returns the function that stops listening.
 */
export function wakeOn(listen: (wake: () => void) => Promise<() => void>, signal: WakeSignal): () => void {
  const listening = listen(signal.wake);
  listening.then(signal.wake, signal.end);
  return () => {
    listening.then(
      (stop) => stop(),
      () => {},
    );
  };
}

const ends = new WeakMap<AbortSignal, Set<() => void>>();

/** For a signal that thousands listen to: an AbortSignal searches all its listeners for each one that is added or removed. */
export function onAbort(signal: AbortSignal, end: () => void): () => void {
  const known = ends.get(signal) ?? new Set();
  if (!ends.has(signal)) {
    ends.set(signal, known);
    signal.addEventListener("abort", () => {
      for (const each of [...known]) each();
    });
  }
  if (signal.aborted) end();
  known.add(end);
  return () => void known.delete(end);
}
