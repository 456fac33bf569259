/** What a held caller waits at: it rings when there may be news, and ends with the caller's patience or the process. */

export interface Bell {
  readonly ended: boolean;
  ring(): void;
  end(): void;
  /** Resolves at the next ring, at once if it rang since it was last heard; and when it has ended. For one waiter. */
  heard(): Promise<void>;
}

export function createBell(): Bell {
  let hasRung = false;
  let waiting: (() => void) | null = null;
  const wake = () => {
    const heard = waiting;
    waiting = null;
    heard?.();
  };
  const bell = {
    ended: false,
    ring() {
      hasRung = waiting === null;
      wake();
    },
    end() {
      bell.ended = true;
      wake();
    },
    heard() {
      if (!hasRung && !bell.ended) return new Promise<void>((resolve) => (waiting = resolve));
      hasRung = false;
      return Promise.resolve();
    },
  };
  return bell;
}

/** Starts to listen; the bell rings when that stands, and ends when it cannot. To the function that stops it. */
export function ringAt(listen: (wake: () => void) => Promise<() => void>, bell: Bell): () => void {
  const listening = listen(bell.ring);
  listening.then(bell.ring, bell.end);
  return () => {
    listening.then(
      (stop) => stop(),
      () => {},
    );
  };
}

const ends = new WeakMap<AbortSignal, Set<() => void>>();

/** For a signal that thousands listen to: an AbortSignal looks through all its listeners for each that comes or goes. */
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
