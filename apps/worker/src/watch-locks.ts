/**
 * Notices work whose lock may be lost: BullMQ reports a failed renewal only once its connection heals, so without a
 * renewal for most of the lock's life we assume the worst. The record's compare-and-set refuses late writes anyway.
 */

const SILENCE_SHARE = 0.7;

export interface LockWatch {
  /** Call when work begins; the answer is to be called when it ends. */
  enter(): () => void;
  renewed(): void;
  close(): void;
}

export interface LockWatchOptions {
  lockDurationMs: number;
  /** Milliseconds on a clock that only goes forward. */
  monotonicNow: () => number;
  onSilence(silentMs: number): void;
}

export function createLockWatch({ lockDurationMs, monotonicNow, onSilence }: LockWatchOptions): LockWatch {
  const enteredAt = new Map<symbol, number>();
  let renewedAt = monotonicNow();

  const timer = setInterval(() => {
    const [oldest] = enteredAt.values();
    if (oldest === undefined) return;
    const silentMs = monotonicNow() - Math.max(oldest, renewedAt);
    if (silentMs < lockDurationMs * SILENCE_SHARE) return;
    enteredAt.clear();
    onSilence(silentMs);
  }, lockDurationMs / 10).unref();

  return {
    enter() {
      const entry = Symbol();
      enteredAt.set(entry, monotonicNow());
      return () => enteredAt.delete(entry);
    },
    renewed() {
      renewedAt = monotonicNow();
    },
    close: () => clearInterval(timer),
  };
}
