/** Waits until a request has ended: by the gateway's long-poll, or, to see its progress, by its event stream. */
import type { VisgateError } from "./errors.js";
import { streamEvents } from "./event-stream.js";
import type { Http } from "./http.js";
import { requestPath } from "./paths.js";
import { createPatience } from "./patience.js";
import { isRetryable } from "./retry.js";
import { openScope, reasonOf, until } from "./scope.js";
import { isTerminal } from "./status.js";
import { callback, tag } from "./tag.js";
import type { CancelAnswer, RequestStatus } from "./types.generated.js";
import { checkWaiting, type WaitOptions, waitLimitMs } from "./wait-options.js";

/** Proxies on the way often cut what is silent for a minute. */
const MAX_HOLD_SECONDS = 30;
const DEFAULT_POLL_INTERVAL_MS = 2000;
const CANCEL_TIMEOUT_MS = 5000;
/** The status `completed` or `failed`. */
export async function waitForEnd(http: Http, requestId: string, options: WaitOptions): Promise<RequestStatus> {
  checkWaiting(options);
  const ms = waitLimitMs(options.timeout);
  const message = `Request ${requestId} had not ended when the time was over. It goes on: wait for it by its id.`;
  const scope = openScope([options.signal, http.closed], { ms, message });
  try {
    return await endOf(http, requestId, { ...options, signal: scope.signal });
  } catch (thrown) {
    if (scope.signal.aborted && options.cancelOnAbort === true) await cancelQuietly(http, requestId);
    throw tag(thrown, { requestId });
  } finally {
    scope.close();
  }
}

type Waiting = WaitOptions & { signal: AbortSignal };

async function endOf(http: Http, requestId: string, options: Waiting): Promise<RequestStatus> {
  if (options.onProgress !== undefined) {
    const seen = await watchUntilEnd(http, requestId, options);
    if (seen !== null) return seen;
  }
  return pollUntilEnd(http, requestId, options);
}

/** One that never settles holds up neither the signal nor the time limit. */
function report({ onProgress, signal }: Waiting, status: RequestStatus): Promise<unknown> {
  return until(
    signal,
    callback(() => onProgress?.(status)),
  );
}

/** Null when the stream has nothing more to tell, or does not come through, as behind a proxy that holds it back. */
async function watchUntilEnd(http: Http, requestId: string, options: Waiting): Promise<RequestStatus | null> {
  const events = streamEvents(http, requestId, options);
  try {
    for (;;) {
      const next = await events.next().catch((thrown: VisgateError) => {
        const isGarbled = thrown.errorCode === "UNEXPECTED_ANSWER";
        if (options.signal.aborted || !(isGarbled || isRetryable(thrown, true))) throw thrown;
        return { done: true as const, value: undefined };
      });
      if (next.done === true) return null;
      await report(options, next.value);
      if (isTerminal(next.value)) return next.value;
    }
  } finally {
    await events.return();
  }
}

async function pollUntilEnd(http: Http, requestId: string, options: Waiting): Promise<RequestStatus> {
  const { pollInterval = DEFAULT_POLL_INTERVAL_MS, signal, onProgress } = options;
  const { runtime, settings } = http;
  const patience = createPatience(http);
  const holdSeconds = Math.min(MAX_HOLD_SECONDS, Math.floor(settings.timeoutMs / 2000));
  const query = holdSeconds < 1 || onProgress !== undefined ? {} : { wait: holdSeconds };
  for (;;) {
    const askedAt = runtime.now();
    const status = await pollOnce(http, { requestId, query, signal }).catch((error: VisgateError) => error);
    if (status instanceof Error) {
      if (signal.aborted) throw reasonOf(signal);
      await patience.failed(status, signal);
      continue;
    }
    patience.heard();
    await report(options, status);
    if (isTerminal(status)) return status;
    // Whoever does not hold the answer is not asked again at once.
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
  return http.json({ path, query, shape: { status: "string" }, maxRetries: 0, signal });
}

/** Best effort: whoever gives up is told why they gave up, not how the cancel went. */
export async function cancelQuietly(http: Http, requestId: string): Promise<void> {
  const scope = openScope([http.closed], { ms: CANCEL_TIMEOUT_MS, message: "The cancel took too long." });
  const path = requestPath(requestId, "/cancel");
  await http.json<CancelAnswer>({ method: "POST", path, signal: scope.signal }).catch(() => null);
  scope.close();
}
