/** Server-sent events of one request, over as many connections as it takes: each change once, in order. */
import { unexpected } from "./answer.js";
import { fromWire } from "./case.js";
import { VisgateError } from "./errors.js";
import type { Http } from "./http.js";
import { createPatience } from "./patience.js";
import { requestPath } from "./request-path.js";
import { openScope, reasonOf } from "./scope.js";
import { readMessages, streamCut } from "./sse.js";
import { isTerminal } from "./status.js";
import type { RequestStatus } from "./types.generated.js";

/** The gateway sends a heartbeat every 15 s. */
const SILENCE_MS = 45_000;

export interface EventsOptions {
  signal?: AbortSignal | undefined;
}

/** Ends after `completed` or `failed`; comes back after a cut connection where it left off. */
export async function* streamEvents(
  http: Http,
  requestId: string,
  { signal }: EventsOptions = {},
): AsyncGenerator<RequestStatus, void, undefined> {
  const scope = openScope([signal, http.closed]);
  const patience = createPatience(http);
  const reading = { signal: scope.signal, silenceMs: SILENCE_MS, onBytes: patience.heard };
  let lastEventId: string | null = null;
  try {
    for (;;) {
      try {
        const response = await openStream(http, { requestId, lastEventId, signal: scope.signal });
        if (response.status === 204) return;
        if (!isEventStream(response)) throw unexpected(response, http.runtime.now());
        for await (const { event, data, id } of readMessages(response, reading)) {
          if (event !== "status") continue;
          lastEventId = id ?? lastEventId;
          const status = fromWire(JSON.parse(data)) as RequestStatus;
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

function isEventStream({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") === true;
}

interface Opening {
  requestId: string;
  lastEventId: string | null;
  signal: AbortSignal;
}

async function openStream(http: Http, { requestId, lastEventId, signal }: Opening): Promise<Response> {
  return http.open({
    method: "GET",
    path: requestPath(requestId, "/events"),
    headers: { Accept: "text/event-stream", ...(lastEventId === null ? {} : { "Last-Event-ID": lastEventId }) },
    maxRetries: 0,
    signal,
  });
}
