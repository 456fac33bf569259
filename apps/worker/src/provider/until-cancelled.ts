/** A look at a provider that hangs must not hold up its request: it is called off when that is due for something else. */
import type { RequestRecord } from "@visgate/shared/request";
import { within } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";

/** Most looks are over long before; one that hangs is rare, and then a cancel is waited for. */
const CANCEL_LOOK_EVERY_MS = 1000;

/** Runs until the request's deadline, or until soon after it was asked to be cancelled: then `calledOff` is true. */
export async function untilCancelled<T>(
  deps: Deps,
  record: RequestRecord,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<{ value: T; calledOff: boolean }> {
  const leftMs = record.deadlineAt - deps.clock.now();
  // It was due before: then this look is what it was due for.
  if (leftMs <= 0 || record.cancelRequestedAt !== null) return { value: await run(signal), calledOff: false };
  const cancelled = new AbortController();
  const watch = setInterval(() => void abortIfCancelled(deps, record, cancelled), CANCEL_LOOK_EVERY_MS);
  try {
    return await within(leftMs, [signal, cancelled.signal], async (limited) => {
      const value = await run(limited);
      return { value, calledOff: limited.aborted && !signal.aborted };
    });
  } finally {
    clearInterval(watch);
  }
}

async function abortIfCancelled(deps: Deps, record: RequestRecord, cancelled: AbortController): Promise<void> {
  // Without an answer from Redis nothing is known, and the next look asks again.
  const stored = await deps.store.requests.get(record).catch(() => null);
  if (stored !== null && stored.doc.cancelRequestedAt !== null) cancelled.abort();
}
