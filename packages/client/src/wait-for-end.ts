/** Waits until a request has ended: by the gateway's long-poll, or, to see its progress, by its event stream. */
import type { VisgateError } from "./errors.js";
import { streamEvents } from "./event-stream.js";
import type { Http } from "./http.js";
import { createPatience } from "./patience.js";
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
  /** Called with the status at once and at each change: status, progress, queue position. */
  onProgress?: ((status: RequestStatus) => void) | undefined;
}

export function waitLimitMs(timeout: number | undefined, deadlineSeconds?: number | null): number {
  return timeout ?? ((deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS) + SLACK_SECONDS) * 1000;
}

/** The status `completed` or `failed`. */
export async function waitForEnd(http: Http, requestId: string, options: WaitOptions): Promise<RequestStatus> {
  const ms = waitLimitMs(options.timeout);
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
  if (options.onProgress === undefined) return pollUntilEnd(http, requestId, options);
  for await (const status of streamEvents(http, requestId, options)) {
    options.onProgress(status);
    if (isTerminal(status)) return status;
  }
  return pollUntilEnd(http, requestId, options);
}

async function pollUntilEnd(http: Http, requestId: string, options: Waiting): Promise<RequestStatus> {
  const { pollInterval = DEFAULT_POLL_INTERVAL_MS, signal } = options;
  const { runtime, settings } = http;
  const patience = createPatience(http);
  const holdSeconds = Math.min(MAX_HOLD_SECONDS, Math.floor(settings.timeoutMs / 2000));
  const query = holdSeconds < 1 ? {} : { wait: holdSeconds };
  for (;;) {
    const askedAt = runtime.now();
    try {
      const path = `/requests/${encodeURIComponent(requestId)}`;
      const status = await http.json<RequestStatus>({ method: "GET", path, query, maxRetries: 0, signal });
      patience.heard();
      if (isTerminal(status)) return status;
      // Whoever does not hold the answer is not asked again at once.
      await runtime.sleep(Math.max(0, pollInterval - (runtime.now() - askedAt)), signal);
    } catch (thrown) {
      if (signal.aborted) throw reasonOf(signal);
      await patience.failed(thrown as VisgateError, signal);
    }
  }
}

/** Best effort: whoever gives up is told why they gave up, not how the cancel went. */
export async function cancelQuietly(http: Http, requestId: string): Promise<void> {
  const scope = openScope([http.closed], { ms: CANCEL_TIMEOUT_MS, message: "The cancel took too long." });
  const path = `/requests/${encodeURIComponent(requestId)}/cancel`;
  await http.json<CancelAnswer>({ method: "POST", path, signal: scope.signal }).catch(() => null);
  scope.close();
}

/** The error, and which request it is about. */
export function about(requestId: string, thrown: unknown): unknown {
  const error = thrown as Partial<VisgateError>;
  if (error?.requestId === null) error.requestId = requestId;
  return thrown;
}
