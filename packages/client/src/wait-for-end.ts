/** Waits until a request has ended: by long polls, or by its event stream when the caller wants progress. */
import { abortErrorOf, openAbortScope, untilAborted } from "./abort-scope.js";
import { addContext, runCallback } from "./error-context.js";
import type { VisgateError } from "./errors.js";
import type { Http } from "./http.js";
import { requestPath } from "./paths.js";
import { streamEvents } from "./request-events.js";
import { isTerminal } from "./request-outcome.js";
import { createWaitRetries, isRetryable } from "./retry.js";
import type { CancelAnswer, RequestStatus } from "./types.generated.js";
import { checkWaitOptions, type WaitOptions, waitLimitMs } from "./wait-options.js";

/** Proxies often cut a connection that is silent for a minute. */
const MAX_LONG_POLL_SECONDS = 30;
const DEFAULT_POLL_INTERVAL_MS = 2000;
const CANCEL_TIMEOUT_MS = 5000;

/** Returns the status `completed` or `failed`. */
export async function waitForEnd(http: Http, requestId: string, options: WaitOptions): Promise<RequestStatus> {
  checkWaitOptions(options);
  const ms = waitLimitMs(options.timeout);
  const message = `Request ${requestId} did not end within the time limit. It continues: wait for it again by its id.`;
  const scope = openAbortScope([options.signal, http.closed], { ms, message });
  try {
    return await endOf(http, requestId, { ...options, signal: scope.signal });
  } catch (thrown) {
    if (scope.signal.aborted && options.cancelOnAbort === true) await tryToCancel(http, requestId);
    throw addContext(thrown, { requestId });
  } finally {
    scope.close();
  }
}

type Waiting = WaitOptions & { signal: AbortSignal };

async function endOf(http: Http, requestId: string, options: Waiting): Promise<RequestStatus> {
  if (options.onProgress !== undefined) {
    const lastStatus = await watchUntilEnd(http, requestId, options);
    if (lastStatus !== null) return lastStatus;
  }
  return pollUntilEnd(http, requestId, options);
}

/** A callback that never settles delays neither the signal nor the time limit. */
function reportProgress({ onProgress, signal }: Waiting, status: RequestStatus): Promise<unknown> {
  return untilAborted(
    signal,
    runCallback(() => onProgress?.(status)),
  );
}

/** Null when the stream ends without a terminal status, or does not arrive, as behind a proxy that buffers it. */
async function watchUntilEnd(http: Http, requestId: string, options: Waiting): Promise<RequestStatus | null> {
  const events = streamEvents(http, requestId, options);
  try {
    for (;;) {
      const next = await events.next().catch((thrown: VisgateError) => {
        const isUnreadable = thrown.errorCode === "UNEXPECTED_ANSWER";
        if (options.signal.aborted || !(isUnreadable || isRetryable(thrown))) throw thrown;
        return { done: true as const, value: undefined };
      });
      if (next.done === true) return null;
      await reportProgress(options, next.value);
      if (isTerminal(next.value)) return next.value;
    }
  } finally {
    await events.return();
  }
}

async function pollUntilEnd(http: Http, requestId: string, options: Waiting): Promise<RequestStatus> {
  const { pollInterval = DEFAULT_POLL_INTERVAL_MS, signal, onProgress } = options;
  const { runtime, settings } = http;
  const retries = createWaitRetries(runtime, settings.timeoutMs);
  const longPollSeconds = Math.min(MAX_LONG_POLL_SECONDS, Math.floor(settings.timeoutMs / 2000));
  // A long poll answers only at the end, so a caller that wants progress is served by short polls.
  const query = longPollSeconds < 1 || onProgress !== undefined ? {} : { wait: longPollSeconds };
  for (;;) {
    const askedAt = runtime.now();
    const status = await pollOnce(http, { requestId, query, signal }).catch((error: VisgateError) => error);
    if (status instanceof Error) {
      if (signal.aborted) throw abortErrorOf(signal);
      await retries.sleepAfter(status, signal);
      continue;
    }
    retries.reset();
    await reportProgress(options, status);
    if (isTerminal(status)) return status;
    // No pause after a long poll that has lasted this long; a short poll is not repeated at once.
    await runtime.sleep(Math.max(0, pollInterval - (runtime.now() - askedAt)), signal);
  }
}

interface Poll {
  requestId: string;
  query: object;
  signal: AbortSignal;
}

async function pollOnce(http: Http, { requestId, query, signal }: Poll): Promise<RequestStatus> {
  const path = requestPath(requestId);
  return http.json({ path, query, expected: { status: "string" }, maxRetries: 0, signal });
}

/** Ignores a failure of the cancel: the caller gets the error that ended its wait. */
export async function tryToCancel(http: Http, requestId: string): Promise<void> {
  const scope = openAbortScope([http.closed], {
    ms: CANCEL_TIMEOUT_MS,
    message: "The gateway did not answer the cancel in time.",
  });
  const path = requestPath(requestId, "/cancel");
  await http.json<CancelAnswer>({ method: "POST", path, signal: scope.signal }).catch(() => null);
  scope.close();
}
