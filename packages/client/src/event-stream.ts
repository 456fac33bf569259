/** Server-sent events of one request, over as many connections as it takes: each change once, in order. */
import { parseJson, unexpected } from "./answer.js";
import { VisgateError } from "./errors.js";
import type { Http } from "./http.js";
import { leavable } from "./on-exit.js";
import { requestPath } from "./paths.js";
import { createPatience } from "./patience.js";
import { openScope, reasonOf } from "./scope.js";
import { fitting } from "./shape.js";
import { readMessages, streamCut } from "./sse.js";
import { isTerminal } from "./status.js";
import type { RequestStatus } from "./types.generated.js";
import { checkSignal } from "./wait-options.js";

/** The gateway sends a heartbeat every 15 s. */
const SILENCE_MS = 45_000;
/** Whoever still has something to say after that is a stream that comes through, though nothing changes. */
const STEADY_MS = 10_000;

export interface EventsOptions {
  signal?: AbortSignal | undefined;
}

/** Ends after `completed` or `failed`; comes back after a cut connection where it left off. */
export function streamEvents(http: Http, requestId: string, { signal }: EventsOptions = {}) {
  return leavable((left) => statusesOf(http, requestId, [signal, left]));
}

async function* statusesOf(
  http: Http,
  requestId: string,
  [signal, left]: readonly [AbortSignal | undefined, AbortSignal],
): AsyncGenerator<RequestStatus, void, undefined> {
  checkSignal(signal);
  const scope = openScope([signal, left, http.closed]);
  const patience = createPatience(http);
  const { now } = http.runtime;
  let lastEventId: string | null = null;
  try {
    for (;;) {
      try {
        const openedAt = now();
        const response = await openStream(http, { requestId, lastEventId, signal: scope.signal });
        if (response.status === 204) return;
        const onBytes = () => now() - openedAt >= STEADY_MS && patience.heard();
        for await (const { event, data, id } of messagesOf(response, { http, signal: scope.signal, onBytes })) {
          if (event !== "status") continue;
          const status = fitting(parseJson(data), { status: "string" }) as RequestStatus | null;
          if (status === null) throw unexpected(response, now());
          patience.heard();
          lastEventId = id ?? lastEventId;
          yield status;
          if (isTerminal(status)) return;
        }
        throw streamCut("it ended early");
      } catch (thrown) {
        if (scope.signal.aborted) throw reasonOf(scope.signal);
        const error = thrown instanceof VisgateError ? thrown : streamCut("the connection broke", thrown);
        await patience.failed(error, scope.signal);
      }
    }
  } finally {
    scope.close();
  }
}

type Reading = { http: Http; signal: AbortSignal; onBytes: () => unknown };

function messagesOf(response: Response, { http, ...reading }: Reading) {
  if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) {
    void response.body?.cancel().catch(() => {});
    throw unexpected(response, http.runtime.now());
  }
  return readMessages(response, { ...reading, silenceMs: SILENCE_MS });
}

interface Opening {
  requestId: string;
  lastEventId: string | null;
  signal: AbortSignal;
}

async function openStream(http: Http, { requestId, lastEventId, signal }: Opening): Promise<Response> {
  return http.open({
    path: requestPath(requestId, "/events"),
    headers: { Accept: "text/event-stream", ...(!lastEventId ? {} : { "Last-Event-ID": lastEventId }) },
    maxRetries: 0,
    signal,
  });
}
