/** Holds a caller until a request is terminal, its time is up, or it hung up. Nobody polls Redis. */
import type { RequestRef } from "@visgate/shared/domain/request";
import { isTerminal } from "@visgate/shared/domain/state";
import type { StoredRequest } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";

export interface WaitOptions {
  timeoutMs: number;
  /** The caller hung up. */
  signal: AbortSignal;
}

/**
 * The record when the wait ended, terminal or not; null when there is none. It is read at once and again when the
 * subscription stands, so that nothing is missed and a Redis that does not answer is noticed by the first read.
 */
export async function waitForTerminal(
  deps: Pick<Deps, "store" | "subscriber" | "draining">,
  ref: RequestRef,
  { timeoutMs, signal }: WaitOptions,
): Promise<StoredRequest | null> {
  const bell = createBell();
  const stopTimer = endAfter(timeoutMs, [signal, deps.draining], bell);
  const listening = deps.subscriber.listen(ref, bell.ring);
  listening.then(bell.ring, bell.end);
  try {
    for (;;) {
      const rung = bell.next();
      const current = await deps.store.requests.get(ref);
      if (current === null || isTerminal(current.doc.status) || bell.ended) return current;
      await rung;
    }
  } finally {
    stopTimer();
    listening.then(
      (stopListening) => stopListening(),
      () => {},
    );
  }
}

/** Rings are never lost: `next()` taken before a read resolves at the first ring after it was taken. */
function createBell() {
  let wake = () => {};
  const bell = {
    ended: false,
    ring: () => wake(),
    next: () => (bell.ended ? Promise.resolve() : new Promise<void>((resolve) => (wake = resolve))),
    end: () => {
      bell.ended = true;
      wake();
    },
  };
  return bell;
}

function endAfter(timeoutMs: number, signals: AbortSignal[], bell: { end(): void }): () => void {
  const timer = setTimeout(bell.end, timeoutMs);
  for (const signal of signals) signal.addEventListener("abort", bell.end);
  if (signals.some((signal) => signal.aborted)) bell.end();
  return () => {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener("abort", bell.end);
  };
}
