/** The events of one request, over as many connections as it takes: each change of its status once, in order. */
import { abortErrorOf, openAbortScope } from "./abort-scope.js";
import { closableGenerator } from "./closable-generator.js";
import { VisgateError } from "./errors.js";
import type { Http } from "./http.js";
import { requestPath } from "./paths.js";
import { isTerminal } from "./request-outcome.js";
import { parseJson, unexpectedAnswer } from "./response.js";
import { createWaitRetries } from "./retry.js";
import { brokenStreamError, readMessages } from "./sse.js";
import type { RequestStatus } from "./types.generated.js";
import { checkSignal } from "./wait-options.js";
import { readObject } from "./wire-format.js";

/** The gateway sends a heartbeat every 15 s. */
const MAX_SILENCE_MS = 45_000;
/** A connection that still carries bytes after this time works, even when no change comes. */
const WORKING_AFTER_MS = 10_000;

export interface EventsOptions {
  /** Ends the stream with an AbortError when it is aborted. */
  signal?: AbortSignal | undefined;
}

/** Ends after `completed` or `failed`. After a broken connection it resumes behind the last event. */
export function streamEvents(http: Http, requestId: string, { signal }: EventsOptions = {}) {
  return closableGenerator((closed) => statusesOf(http, requestId, [signal, closed]));
}

async function* statusesOf(
  http: Http,
  requestId: string,
  [signal, closed]: readonly [AbortSignal | undefined, AbortSignal],
): AsyncGenerator<RequestStatus, void, undefined> {
  checkSignal(signal);
  const scope = openAbortScope([signal, closed, http.closed]);
  const retries = createWaitRetries(http.runtime, http.settings.timeoutMs);
  const { now } = http.runtime;
  let lastEventId: string | null = null;
  try {
    for (;;) {
      try {
        const openedAt = now();
        const response = await openStream(http, { requestId, lastEventId, signal: scope.signal });
        if (response.status === 204) return;
        const onBytes = () => now() - openedAt >= WORKING_AFTER_MS && retries.reset();
        for await (const { event, data, id } of messagesOf(response, { http, signal: scope.signal, onBytes })) {
          if (event !== "status") continue;
          const status = readObject(parseJson(data), { status: "string" }) as RequestStatus | null;
          if (status === null) throw unexpectedAnswer(response, now());
          retries.reset();
          lastEventId = id ?? lastEventId;
          yield status;
          if (isTerminal(status)) return;
        }
        throw brokenStreamError("it ended early");
      } catch (thrown) {
        if (scope.signal.aborted) throw abortErrorOf(scope.signal);
        const error = thrown instanceof VisgateError ? thrown : brokenStreamError("the connection broke", thrown);
        await retries.sleepAfter(error, scope.signal);
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
    throw unexpectedAnswer(response, http.runtime.now());
  }
  return readMessages(response, { ...reading, maxSilenceMs: MAX_SILENCE_MS });
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
