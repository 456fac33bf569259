/** A poll that hangs must not delay its request: it is aborted when the request is cancelled or is overdue. */
import type { RequestRecord } from "@visgate/shared/request";
import { within } from "@visgate/shared/runtime/net";
import type { Deps } from "../deps.js";

/** Most polls end much sooner, so this rarely runs. It is the longest a cancel waits for a poll that hangs. */
const CANCEL_CHECK_EVERY_MS = 1000;

/** Aborts `run` at the request's deadline, or soon after a cancel was requested; `calledOff` says whether it did. */
export async function untilCancelled<T>(
  deps: Deps,
  record: RequestRecord,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<{ value: T; calledOff: boolean }> {
  const leftMs = record.deadlineAt - deps.clock.now();
  // The deadline or the cancel came before `run`, so `run` is already the reaction to it.
  if (leftMs <= 0 || record.cancelRequestedAt !== null) return { value: await run(signal), calledOff: false };
  const cancelled = new AbortController();
  const watch = setInterval(() => void abortIfCancelled(deps, record, cancelled), CANCEL_CHECK_EVERY_MS);
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
  // Without an answer from Redis nothing is known; the next check asks again.
  const stored = await deps.store.requests.get(record).catch(() => null);
  if (stored !== null && stored.doc.cancelRequestedAt !== null) cancelled.abort();
}
