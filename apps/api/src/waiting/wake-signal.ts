/** What a waiting caller sleeps on. It is woken when there may be news, and ended when the wait is over. */
import { lookAgain } from "./look-again.js";

export interface WakeSignal {
  readonly ended: boolean;
  wake(): void;
  end(): void;
  /** Resolves at the next wake-up, at once if one came since the last call, or at the end. For one waiter. */
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
 * Wakes the signal when the subscription has begun, at each of its messages, and regularly. Ends the signal when
 * subscribing fails. Returns the function that stops listening.
 */
export function wakeOn(listen: (wake: () => void) => Promise<() => void>, signal: WakeSignal): () => void {
  const stopLooking = lookAgain(() => signal.wake());
  const listening = listen(signal.wake);
  listening.then(signal.wake, signal.end);
  return () => {
    stopLooking();
    listening.then(
      (stop) => stop(),
      () => {},
    );
  };
}

const ends = new WeakMap<AbortSignal, Set<() => void>>();

/** For thousands of listeners: an AbortSignal searches all its listeners whenever one is added or removed. */
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
