/** Waits until a request has ended: by the gateway's long-poll, or, to see its progress, by its event stream. */
import { notTheGateways } from "./answer.js";
import type { VisgateError } from "./errors.js";
import { streamEvents } from "./event-stream.js";
import type { Http } from "./http.js";
import { wrong } from "./options.js";
import { createPatience } from "./patience.js";
import { requestPath } from "./request-path.js";
import { isRetryable } from "./retry.js";
import { openScope, reasonOf } from "./scope.js";
import { isTerminal } from "./status.js";
import type { CancelAnswer, RequestStatus } from "./types.generated.js";

/** Proxies on the way often cut what is silent for a minute. */
const MAX_HOLD_SECONDS = 30;
const DEFAULT_POLL_INTERVAL_MS = 2000;
const CANCEL_TIMEOUT_MS = 5000;
/** The gateway ends every request by its deadline, 1,800 s unless given; a minute more for the answer. */
const DEFAULT_DEADLINE_SECONDS = 1800;
const SLACK_SECONDS = 60;

export interface WaitOptions {
  /** Milliseconds to wait for the end; a minute more than the request's deadline unless given. */
  timeout?: number | undefined;
  /** Milliseconds between two polls where the gateway cannot hold the answer; 2,000 unless given. */
  pollInterval?: number | undefined;
  /** Gives up waiting. The request goes on, unless `cancelOnAbort`. */
  signal?: AbortSignal | undefined;
  /** Cancels the request at the gateway when the signal is aborted or the time is over. */
  cancelOnAbort?: boolean | undefined;
  /** Called, and awaited, with the status at once and at each change: status, progress, queue position. */
  onProgress?: ((status: RequestStatus) => unknown) | undefined;
}

export function waitLimitMs(timeout: number | undefined, deadlineSeconds?: number | null): number {
  return timeout ?? ((deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS) + SLACK_SECONDS) * 1000;
}

/** The status `completed` or `failed`. */
export async function waitForEnd(http: Http, requestId: string, options: WaitOptions): Promise<RequestStatus> {
  const ms = waitLimitMs(options.timeout);
  const { pollInterval = DEFAULT_POLL_INTERVAL_MS } = options;
  if (!(ms >= 0)) throw wrong("timeout", "milliseconds from 0");
  if (!(pollInterval >= 0)) throw wrong("pollInterval", "milliseconds from 0");
  const message = `Request ${requestId} had not ended when the time was over. It goes on: wait for it by its id.`;
  const scope = openScope([options.signal, http.closed], { ms, message });
  try {
    return await endOf(http, requestId, { ...options, signal: scope.signal });
  } catch (thrown) {
    if (scope.signal.aborted && options.cancelOnAbort === true) await cancelQuietly(http, requestId);
    throw about(requestId, thrown);
  } finally {
    scope.close();
  }
}

type Waiting = WaitOptions & { signal: AbortSignal };

async function endOf(http: Http, requestId: string, options: Waiting): Promise<RequestStatus> {
  if (options.onProgress !== undefined) {
    const seen = await watchUntilEnd(http, requestId, { ...options, onProgress: options.onProgress });
    if (seen !== null) return seen;
  }
  return pollUntilEnd(http, requestId, options);
}

type Watching = Waiting & { onProgress: NonNullable<WaitOptions["onProgress"]> };

/** Null when the stream has nothing more to tell, or does not come through, as behind a proxy that holds it back. */
async function watchUntilEnd(http: Http, requestId: string, options: Watching): Promise<RequestStatus | null> {
  const events = streamEvents(http, requestId, options);
  try {
    for (;;) {
      const next = await events.next().catch((thrown: VisgateError) => {
        if (options.signal.aborted || !isRetryable(thrown, true)) throw thrown;
        return { done: true as const, value: undefined };
      });
      if (next.done === true) return null;
      await options.onProgress(next.value);
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
    await onProgress?.(status);
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
  const status = await http.json<RequestStatus>({
    method: "GET",
    path: requestPath(requestId),
    query,
    maxRetries: 0,
    signal,
  });
  if (typeof status.status !== "string") throw notTheGateways();
  return status;
}

/** Best effort: whoever gives up is told why they gave up, not how the cancel went. */
export async function cancelQuietly(http: Http, requestId: string): Promise<void> {
  const scope = openScope([http.closed], { ms: CANCEL_TIMEOUT_MS, message: "The cancel took too long." });
  const path = requestPath(requestId, "/cancel");
  await http.json<CancelAnswer>({ method: "POST", path, signal: scope.signal }).catch(() => null);
  scope.close();
}

/** The error, and which request it is about. */
export function about(requestId: string, thrown: unknown): unknown {
  const error = thrown as Partial<VisgateError>;
  if (error?.requestId === null) error.requestId = requestId;
  return thrown;
}
